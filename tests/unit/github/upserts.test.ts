/**
 * Proves against a small emulation of GitHub's API that a report has one comment for each stack, edited in place, that drift has one issue
 * while it lasts, that what others wrote is never touched, and how failures are met. It does not prove that GitHub behaves as emulated.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { GitHub } from "../../../operations/github/client.ts";
import { upsertComment } from "../../../operations/github/comment.ts";
import { upsertDriftIssue } from "../../../operations/github/driftIssue.ts";
import { ROOT } from "../../support/stackFixtures.ts";
import { BOT, REPOSITORY, startGitHub, TOKEN } from "../../support/githubEmulator.ts";
import type { EmulatedGitHub, Entry } from "../../support/githubEmulator.ts";

const report = (stack: string, text: string) => `<!-- sovereign-report: ${stack} -->\n${text}\n`;

let emulated: EmulatedGitHub;
let github: GitHub;

const entry = (id: number, body: string, login = BOT): Entry => ({
    id,
    number: id,
    body,
    state: "open",
    labels: ["drift"],
    user: { login },
});

beforeEach(async () => {
    emulated = await startGitHub();
    github = new GitHub({ url: emulated.url, repository: REPOSITORY, token: TOKEN }, { pause: 1 });
});

afterEach(() => emulated.stop());

describe("the comment of a report", () => {
    const comment = (body: string) => upsertComment(github, { number: 7, body });
    const bodies = () => emulated.comments.map(({ body }) => body);

    it("is made once for each stack, and edited in place", async () => {
        assert.equal(await comment(report("omantel", "one")), "created");
        assert.equal(await comment(report("openova", "one")), "created");
        assert.equal(await comment(report("omantel", "two")), "updated");
        assert.deepEqual(bodies(), [report("omantel", "two"), report("openova", "one")]);
    });

    it("is left as it is where it says the same, whatever GitHub made of its line ends", async () => {
        emulated.comments.push(
            entry(1, report("omantel", "one\ntwo").replaceAll("\n", "\r\n").trimEnd()),
        );
        assert.equal(await comment(report("omantel", "one\ntwo")), "unchanged");
    });

    it("is found on a later page", async () => {
        for (let id = 1; id <= 230; id++) emulated.comments.push(entry(id, "a remark", "reviewer"));
        emulated.comments.push(entry(500, report("omantel", "one")));
        assert.equal(await comment(report("omantel", "two")), "updated");
        assert.equal(emulated.comments.length, 231);
    });

    it("is never one of somebody else, whatever mark that carries", async () => {
        emulated.comments.push(entry(1, report("omantel", "forged"), "reviewer"));
        assert.equal(await comment(report("omantel", "one")), "created");
        assert.deepEqual(bodies(), [report("omantel", "forged"), report("omantel", "one")]);
    });

    it("is one again after two runs at once have made two", async () => {
        emulated.comments.push(entry(5, report("omantel", "b")), entry(4, report("omantel", "a")));
        assert.equal(await comment(report("omantel", "c")), "updated");
        assert.deepEqual(
            emulated.comments.map(({ id, body }) => [id, body]),
            [[4, report("omantel", "c")]],
        );
    });

    it("is refused without its mark", async () => {
        await assert.rejects(comment("hello\n"), {
            message:
                "the report does not begin with its mark: expected the Markdown that `npm run report` writes",
        });
        assert.deepEqual(emulated.requests, []);
    });

    it("is written although GitHub stumbles", async () => {
        emulated.failures.push(502, 0, 429);
        assert.equal(await comment(report("omantel", "one")), "created");
        assert.equal(emulated.comments.length, 1);
    });

    it("is not sent again where the first attempt may have made it", async () => {
        emulated.failures.push(0, 500);
        await assert.rejects(comment(report("omantel", "one")), /: 500 Server Error$/);
        assert.deepEqual(
            emulated.requests.map((request) => request.split(" ")[0]),
            ["GET", "POST"],
        );
    });

    it("says which permission is missing, and shows no token", async () => {
        emulated.failures.push(403);
        await assert.rejects(comment(report("omantel", "one")), (error) => {
            assert.ok(error instanceof Error);
            assert.equal(
                error.message,
                `GET /repos/${REPOSITORY}/issues/7/comments?per_page=100&page=1: 403 Resource not accessible by integration (the job needs \`pull-requests: write\` for comments, \`issues: write\` for issues)`,
            );
            assert.doesNotMatch(String(error.stack), new RegExp(TOKEN));
            return true;
        });
    });
});

describe("the issue about drift", () => {
    const issue = (drifted: number, text = "report") =>
        upsertDriftIssue(github, { stack: "omantel", drifted, body: report("omantel", text) });

    const titles = () => emulated.issues.map(({ title }) => title);

    it("is opened with drift, edited while it lasts, and closed when it is over", async () => {
        assert.equal(await issue(0), "nothing to do");
        assert.equal(await issue(1), "opened");
        assert.deepEqual(titles(), ["omantel has drifted: 1 resource is not as the state says"]);
        assert.equal(await issue(2, "worse"), "updated");
        assert.deepEqual(titles(), ["omantel has drifted: 2 resources are not as the state says"]);
        assert.equal(await issue(0), "closed");
        assert.equal(await issue(1), "opened");
        assert.deepEqual(
            emulated.issues.map(({ state }) => state),
            ["closed", "open"],
        );
    });

    it("is one for each stack, and never somebody else's or a pull request", async () => {
        emulated.issues.push(
            entry(1, report("openova", "x")),
            entry(2, report("omantel", "x"), "reviewer"),
            {
                ...entry(3, report("omantel", "x")),
                pull_request: {},
            },
        );
        assert.equal(await issue(1), "opened");
        assert.equal(emulated.issues.length, 4);
    });
});

/** Milliseconds for a few runs of the command. */
const PATIENCE = 60_000;

describe("the command that a workflow calls", function () {
    this.timeout(PATIENCE);
    let directory: string;

    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), "sovereign-github-"));
        await writeFile(join(directory, "report.md"), report("omantel", "text"));
        const json = { stacks: [{ stack: "omantel", drift: [{ name: "a" }] }] };
        await writeFile(join(directory, "report.json"), JSON.stringify(json));
    });

    afterEach(() => rm(directory, { recursive: true, force: true }));

    const run = (args: readonly string[], environment: Record<string, string> = {}) =>
        execa(
            process.execPath,
            [
                "--disable-warning=ExperimentalWarning",
                join(ROOT, "lab/commands/main.ts"),
                "github",
                ...args,
                "--directory",
                directory,
            ],
            {
                reject: false,
                extendEnv: false,
                env: {
                    GITHUB_API_URL: emulated.url,
                    GITHUB_REPOSITORY: REPOSITORY,
                    GITHUB_TOKEN: TOKEN,
                    ...environment,
                },
            },
        );

    it("writes the comment and the issue", async () => {
        assert.equal((await run(["comment", "--pull-request", "7"])).stdout, "comment created");
        assert.equal((await run(["drift-issue"])).stdout, "issue: opened");
        assert.equal(emulated.comments[0]?.body, report("omantel", "text"));
        assert.equal(emulated.issues[0]?.body, report("omantel", "text"));
    });

    it("says what the environment lacks", async () => {
        const { exitCode, stderr } = await run(["comment", "--pull-request", "7"], {
            GITHUB_TOKEN: "",
        });
        assert.equal(exitCode, 2);
        assert.equal(
            stderr,
            "error: the environment is not that of a job at GitHub: GITHUB_TOKEN missing or wrong; GITHUB_TOKEN has to be handed over by the workflow (env: GITHUB_TOKEN: ${{ github.token }})",
        );
    });

    it("fails where nobody looked for drift", async () => {
        await writeFile(
            join(directory, "report.json"),
            JSON.stringify({ stacks: [{ stack: "omantel", drift: null }] }),
        );
        const { exitCode, stderr } = await run(["drift-issue"]);
        assert.equal(exitCode, 2);
        assert.equal(
            stderr,
            "error: nobody looked whether omantel has drifted; the refresh said why",
        );
    });
});
