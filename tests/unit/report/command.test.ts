/**
 * Proves where the report goes (terminal, files, the summary of a job), which flags reach Pulumi, and that no log is left behind. It does
 * not prove that Pulumi takes the flags: the tests on the real engine do.
 */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { execa } from "execa";
import { PreviewImpossible, recordPreview } from "../../../operations/report/previewStack.ts";
import { ROOT } from "../../support/stackFixtures.ts";
import { eventLog, step } from "./events.ts";

const LOG = eventLog([
    step({ op: "delete", type: "sovereign:dns:Zone", name: "zone", before: { name: "s.example" } }),
]);

const VERDICT = "omantel: +0 ~0 ±0 -1 · €0.00/mo, unchanged · policies not run · drift not checked";

/** Milliseconds for a few runs of the command. */
const PATIENCE = 60_000;

describe("npm run report", function () {
    this.timeout(PATIENCE);
    let directory: string;
    let events: string;

    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), "sovereign-command-"));
        events = join(directory, "preview.jsonl");
        await writeFile(events, LOG);
    });

    afterEach(() => rm(directory, { recursive: true, force: true }));

    const report = (args: readonly string[], environment: Record<string, string> = {}) =>
        execa(
            process.execPath,
            [
                "--disable-warning=ExperimentalWarning",
                join(ROOT, "lab/commands/main.ts"),
                "report",
                ...args,
            ],
            { reject: false, extendEnv: false, env: { ...environment } },
        );

    it("prints Markdown where nobody looks, and another form where one is asked for", async () => {
        const { stdout, exitCode } = await report(["--events", events]);
        assert.equal(exitCode, 0);
        assert.equal(stdout.split("\n")[1], `**${VERDICT}**`);
        const terminal = await report(["--events", events, "--format", "terminal"]);
        assert.equal(terminal.stdout.split("\n")[0], VERDICT);
        const json = await report(["--events", events, "--format", "json"]);
        assert.equal(
            (JSON.parse(json.stdout) as { stacks: { verdict: string }[] }).stacks[0]?.verdict,
            VERDICT.replace("omantel: ", ""),
        );
    });

    it("writes both files, and adds to the summary of a job", async () => {
        const summary = join(directory, "summary.md");
        await writeFile(summary, "before\n");
        const reports = join(directory, "reports");
        await report(["--events", events, "--directory", reports], {
            GITHUB_STEP_SUMMARY: summary,
        });
        assert.deepEqual((await readdir(reports)).sort(), ["report.json", "report.md"]);
        const markdown = await readFile(join(reports, "report.md"), "utf8");
        assert.equal(await readFile(summary, "utf8"), `before\n${markdown}`);
    });

    it("previews a stack by the CLI on PATH, and ends as the preview did", async () => {
        const bin = join(directory, "bin");
        await mkdir(bin);
        const drift = join(directory, "refresh.jsonl");
        await writeFile(drift, LOG.replace("resourcePreEvent", "resOutputsEvent"));
        // Stands in for Pulumi: the log is its last argument but for those about the stack.
        const script = [
            "#!/bin/sh",
            'echo "$PULUMI_DEBUG_COMMANDS $*" >> "$CALLS"',
            'while [ "$1" != --event-log ]; do first=${first:-$1}; shift; done',
            'cp "$SOURCE/$first.jsonl" "$2"',
            '[ "$first" = refresh ]',
        ];
        await writeFile(join(bin, "pulumi"), `${script.join("\n")}\n`, { mode: 0o700 });
        const calls = join(directory, "calls");
        const { stdout, exitCode } = await report(["--stack", "omantel", "--diff"], {
            PATH: `${bin}:/usr/bin:/bin`,
            CALLS: calls,
            SOURCE: directory,
        });
        assert.equal(exitCode, 1);
        assert.match(stdout, / · drift in 1\*\*$/m);
        const lines = (await readFile(calls, "utf8")).replaceAll(/\/\S*sovereign-report-\w+/g, "…");
        assert.equal(
            lines,
            [
                `true preview --policy-pack ${join(ROOT, "policy")} --diff --suppress-outputs --event-log …/preview.jsonl --stack omantel --non-interactive`,
                "true refresh --preview-only --suppress-outputs --event-log …/refresh.jsonl --stack omantel --non-interactive",
                "",
            ].join("\n"),
        );
    });

    it("says what is wrong with a flag or a log, with exit code 2", async () => {
        const nowhere = join(directory, "nowhere.jsonl");
        const missing = await report(["--events", nowhere]);
        assert.equal(missing.exitCode, 2);
        assert.match(missing.stderr, /^error: ENOENT: .*nowhere\.jsonl/);
        const form = await report(["--events", events, "--format", "html"]);
        assert.equal(form.exitCode, 2);
        assert.match(
            form.stderr,
            /'html' is invalid. Allowed choices are markdown, json, terminal/,
        );
    });
});

describe("a recorded preview", () => {
    /** Stands in for the CLI: writes what it is told to where it is told to. */
    const cli = (texts: Readonly<Record<string, string>>, exitCode = 0) => {
        const calls: string[][] = [];
        const logs: string[] = [];
        return {
            calls,
            logs,
            run: async (args: readonly string[]) => {
                const [command = ""] = args;
                const file = args.at(-1) ?? "";
                assert.deepEqual(args.slice(-3, -1), ["--suppress-outputs", "--event-log"]);
                calls.push(args.slice(0, -3));
                logs.push(file);
                assert.equal((await stat(dirname(file))).mode & 0o777, 0o700);
                const text = texts[command];
                if (text !== undefined) await writeFile(file, text);
                return exitCode;
            },
        };
    };

    it("runs the policy pack, looks for drift, and leaves no log", async () => {
        const { run, calls, logs } = cli({ preview: "a", refresh: "b" });
        const options = { policies: true, refresh: true, flags: ["--diff"] };
        assert.deepEqual(await recordPreview(options, run), {
            events: [{ source: "the preview", text: "a" }],
            drift: [{ source: "the look for drift", text: "b" }],
            exitCode: 0,
        });
        assert.deepEqual(calls, [
            ["preview", "--policy-pack", join(ROOT, "policy"), "--diff"],
            ["refresh", "--preview-only"],
        ]);
        for (const log of logs) await assert.rejects(stat(dirname(log)), { code: "ENOENT" });
    });

    it("leaves out what is not asked for, and a pack where the flags name one", async () => {
        const plain = cli({ preview: "a" });
        await recordPreview({ policies: false, refresh: false, flags: [] }, plain.run);
        assert.deepEqual(plain.calls, [["preview"]]);
        const own = cli({ preview: "a" });
        const flags = ["--policy-pack", "mine"];
        await recordPreview({ policies: true, refresh: false, flags }, own.run);
        assert.deepEqual(own.calls, [["preview", ...flags]]);
    });

    it("is one of a preview that failed too, without drift where the look failed", async () => {
        const { run } = cli({ preview: "a", refresh: "b" }, 255);
        const options = { policies: false, refresh: true, flags: [] };
        const { events, drift, exitCode } = await recordPreview(options, run);
        assert.deepEqual([events.length, drift.length, exitCode], [1, 0, 255]);
    });

    it("is none where the preview did not begin", async () => {
        const { run, logs } = cli({}, 1);
        await assert.rejects(
            recordPreview({ policies: false, refresh: true, flags: [] }, run),
            (error) => error instanceof PreviewImpossible && error.message.includes("exit code 1 "),
        );
        for (const log of logs) await assert.rejects(stat(dirname(log)), { code: "ENOENT" });
    });
});
