// Proves that a run which something keeps from ending fails, and says what it is: timer, listener, connection, process and watch, each with
// its address or process id and the line that made it. Does not prove that requests under way are told one by one: those are only counted.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { CLONE } from "../../../lab/toolchain/directories.ts";

const LEAKING = `
import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { createServer, connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
it("leaves things behind", async () => {
    setInterval(() => {}, 4321);
    void wait(98765);
    setInterval(() => {}, 1111).unref();
    clearTimeout(setTimeout(() => {}, 2222));
    const server = createServer();
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    await new Promise((resolve) => connect(server.address().port, "127.0.0.1", resolve));
    watch(import.meta.dirname);
    console.log("pid " + spawn("cat").pid);
});
`;

describe("a test run that something keeps from ending", function () {
    this.timeout(60_000);
    let directory: string;
    const run = async (source: string) => {
        const file = join(directory, "leaking.test.mjs");
        const counts = join(directory, "counts.json");
        await writeFile(file, source);
        const { exitCode, stdout } = await execa(
            process.execPath,
            [
                join(CLONE, "node_modules/mocha/bin/mocha.js"),
                "--no-config",
                `--reporter=${join(CLONE, "lab/commands/mochaReporter.mjs")}`,
                `--reporter-option=counts=${counts},grace=300`,
                file,
            ],
            { cwd: directory, reject: false },
        );
        return { exitCode, stdout, counts: JSON.parse(await readFile(counts, "utf8")) as unknown };
    };

    beforeEach(async () => {
        directory = await mkdtemp(join(tmpdir(), "kept-running-"));
    });
    afterEach(async () => {
        await rm(directory, { recursive: true });
    });

    it("fails, and says what it is and where it was made", async () => {
        const { exitCode, stdout, counts } = await run(LEAKING);
        assert.equal(exitCode, 70);
        assert.deepEqual(counts, { passed: 1, failed: 1 });
        const said = stdout.slice(stdout.indexOf("FAILED: something"));
        const at = (line: number) => `\\n +${directory}/leaking.test.mjs:${line}:\\d+\\n`;
        const pid = /pid (\d+)/.exec(stdout)?.[1] ?? "none";
        for (const expected of [
            `timer of 4321 ms${at(7)}`,
            `timer of 98765 ms${at(8)}`,
            `listener at 127\\.0\\.0\\.1:\\d+`,
            `connection at 127\\.0\\.0\\.1:\\d+ to 127\\.0\\.0\\.1:\\d+${at(13)}`,
            `watched file${at(14)}`,
            `process ${pid}${at(15)}`,
            "in all: .*1 ProcessWrap",
        ])
            assert.match(said, new RegExp(expected));
        assert.doesNotMatch(said, /1111|2222/);
    });

    it("is not found where nothing is left", async () => {
        const { exitCode, stdout, counts } = await run(`it("ends", () => {});`);
        assert.equal(exitCode, 0);
        assert.deepEqual(counts, { passed: 1, failed: 0 });
        assert.doesNotMatch(stdout, /FAILED/);
    });
});
