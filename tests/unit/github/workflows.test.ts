/**
 * Proves of every workflow that its actions are pinned to commits, that it has the least permissions, that no code of a fork meets a secret,
 * that no value of an event gets into a shell, and that what its steps run is there. It does not prove that GitHub runs them: `actionlint`
 * accepts them, and no runner was at hand.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ENGINE_VERSION } from "../../../lab/toolchain/versions.ts";
import { TIERS } from "../../../lab/commands/testTiers.ts";
import { ROOT } from "../../support/stackFixtures.ts";

const DIRECTORY = join(ROOT, ".github/workflows");

const texts = z.record(z.string(), z.string());

const step = z.strictObject({
    uses: z.string().optional(),
    run: z.string().optional(),
    if: z.string().optional(),
    with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    env: texts.optional(),
});

const workflow = z.looseObject({
    on: z.record(z.string(), z.unknown()),
    permissions: texts,
    jobs: z.record(
        z.string(),
        z.looseObject({
            if: z.string().optional(),
            needs: z.string().optional(),
            environment: z.string().optional(),
            permissions: texts.optional(),
            "timeout-minutes": z.number(),
            steps: z.array(step),
        }),
    ),
});

type Workflow = z.infer<typeof workflow>;

const FILES = readdirSync(DIRECTORY).sort();

const read = (file: string): { readonly text: string; readonly parsed: Workflow } => {
    const text = readFileSync(join(DIRECTORY, file), "utf8");
    return { text, parsed: workflow.parse(parse(text)) };
};

const steps = ({ jobs }: Workflow) => Object.values(jobs).flatMap((job) => job.steps);

const script = z
    .object({ scripts: texts })
    .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))).scripts;

/** What a step may run: one command of the project, its values from the environment alone. */
const COMMANDS: readonly RegExp[] = [
    /^\.ci\/run$/,
    /^npm ci --ignore-scripts$/,
    /^npm test -- (?<tiers>[a-z ]+)$/,
    /^npm run (?<script>report|github) -- [\w -]*(?:"\$[A-Z]+"[\w -]*)*$/,
    /^pulumi up --yes --non-interactive --stack "\$STACK" --policy-pack policy$/,
];

describe("the workflows", () => {
    it("are those for checks, previews, updates and drift", () => {
        assert.deepEqual(FILES, ["checks.yml", "deploy.yml", "drift.yml", "preview.yml"]);
    });

    for (const file of FILES)
        describe(file, () => {
            const { text, parsed } = read(file);

            it("pins every action to a commit, and says which version that is", () => {
                const uses = text.split("\n").filter((line) => /\buses:/.test(line));
                assert.ok(uses.length > 0);
                for (const line of uses)
                    assert.match(line, /^\s+- uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
            });

            it("may read at most, and writes only where it puts a report", () => {
                assert.ok(Object.values(parsed.permissions).every((value) => value === "read"));
                for (const job of Object.values(parsed.jobs)) {
                    const writes = Object.entries(job.permissions ?? {}).filter(
                        ([, v]) => v !== "read",
                    );
                    const publishes = job.steps.some(({ run }) =>
                        run?.startsWith("npm run github"),
                    );
                    assert.deepEqual(writes.length, publishes ? 1 : 0);
                    if (publishes)
                        assert.equal(
                            JSON.stringify(job).includes("secrets."),
                            false,
                            "a job that writes has a secret",
                        );
                }
            });

            it("hands a token or secret to steps alone, and leaves none in the clone", () => {
                assert.doesNotMatch(text, /^ {0,4}env:/m);
                for (const { uses, with: settings } of steps(parsed))
                    if (uses?.startsWith("actions/checkout@"))
                        assert.equal(settings?.["persist-credentials"], false);
            });

            it("runs single commands of the project, with no expression in a shell", () => {
                for (const { run } of steps(parsed)) {
                    if (run === undefined) continue;
                    const match = COMMANDS.map((command) => command.exec(run)).find(Boolean);
                    assert.ok(match, `${run} is no command of the project`);
                    const { tiers = "", script: name } = match.groups ?? {};
                    if (name !== undefined)
                        assert.ok(script[name], `there is no npm script ${name}`);
                    for (const tier of tiers.split(" ").filter(Boolean))
                        assert.ok(
                            TIERS.some((known) => known.name === tier),
                            `there is no tier ${tier}`,
                        );
                }
                assert.ok(existsSync(join(ROOT, ".ci/run")));
            });

            it("gives each job an end", () => {
                for (const job of Object.values(parsed.jobs))
                    assert.ok(job["timeout-minutes"] <= 180);
            });
        });

    it("keep secrets from what comes from a fork", () => {
        for (const file of FILES) {
            const { text, parsed } = read(file);
            assert.doesNotMatch(text, /pull_request_target|workflow_run/);
            if (!("pull_request" in parsed.on)) continue;
            for (const [name, job] of Object.entries(parsed.jobs)) {
                const secret =
                    JSON.stringify(job).includes("secrets.") || job.environment !== undefined;
                const guarded = job.if?.includes(
                    "github.event.pull_request.head.repo.full_name == github.repository",
                );
                assert.ok(!secret || guarded === true, `${file}: ${name} gives secrets to forks`);
            }
        }
    });

    it("update only from main, after an approval in the stack's environment, one after the other", () => {
        const { on, jobs } = read("deploy.yml").parsed;
        assert.deepEqual(on, { push: { branches: ["main"] } });
        const { update } = jobs;
        assert.equal(update?.needs, "preview");
        assert.equal(update.environment, "${{ matrix.stack }}");
        assert.equal(
            z.looseObject({ "max-parallel": z.number() }).parse(update.strategy)["max-parallel"],
            1,
        );
        for (const file of FILES.filter((other) => other !== "deploy.yml"))
            assert.doesNotMatch(read(file).text, /pulumi (?:up|destroy)/);
    });

    it("take the engine that the tests run", () => {
        for (const file of FILES)
            for (const { uses, with: settings } of steps(read(file).parsed))
                if (uses?.startsWith("pulumi/actions@"))
                    assert.equal(settings?.["pulumi-version"], ENGINE_VERSION);
    });

    it("comment with the scripts of the base, not of the pull request", () => {
        const { comment } = read("preview.yml").parsed.jobs;
        assert.equal(comment?.steps[0]?.with?.ref, "${{ github.event.pull_request.base.sha }}");
    });
});
