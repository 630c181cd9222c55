/**
 * Proves: a process is told from a later one with its number, and the marked processes of a lab are found and ended, whoever their
 * parent is. Runs real processes. Does not prove: anything about other users' processes.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
    LAB_MARK,
    identify,
    isRunning,
    markedProcesses,
    terminate,
} from "../../../lab/supervisor/processIdentity.ts";
import { eventually } from "../../support/eventually.ts";

describe("process identity", () => {
    const children: ChildProcess[] = [];
    afterEach(() => {
        for (const child of children.splice(0)) child.kill("SIGKILL");
    });

    async function start(script: string, mark?: string): Promise<number> {
        const env = mark === undefined ? process.env : { ...process.env, [LAB_MARK]: mark };
        const child = spawn("sh", ["-c", script], { env, stdio: ["ignore", "pipe", "ignore"] });
        children.push(child);
        // The script says when its traps are set. It has to become what it runs: a child of its own would outlive it and hold its output open.
        await once(child.stdout, "data");
        return child.pid ?? 0;
    }

    async function identity(pid: number) {
        const found = await identify(pid);
        assert.ok(found);
        return found;
    }

    it("holds for the running process and not after its end", async () => {
        const running = await identity(await start("echo; exec sleep 60"));
        assert.equal(await isRunning(running), true);
        await terminate(running);
        assert.equal(await isRunning(running), false);
        assert.equal(await identify(running.pid), undefined);
    });

    it("never signals another process that got the number", async () => {
        const pid = await start("echo; exec sleep 60");
        const other = { pid, startTime: "1" };
        assert.equal(await isRunning(other), false);
        await terminate(other);
        assert.equal(await isRunning(await identity(pid)), true);
    });

    it("kills a process that ignores SIGTERM", async () => {
        const running = await identity(
            await start("trap '' TERM; echo; while :; do sleep 1; done"),
        );
        await terminate(running, 200);
        assert.equal(await isRunning(running), false);
    });

    it("finds the marked processes of one lab, also orphans", async () => {
        const mark = `/lab/${process.pid}`;
        const pid = await start("sleep 60 & echo; wait", mark);
        await start("echo; exec sleep 60", `${mark}0`);
        await eventually("the shell's child", async () => {
            assert.equal((await markedProcesses(mark)).length, 2);
        });
        process.kill(pid, "SIGKILL");
        await eventually("the shell's end", async () => {
            assert.equal(await identify(pid), undefined);
        });
        const orphans = await markedProcesses(mark);
        assert.deepEqual(
            orphans.map(({ command }) => command),
            ["sleep 60"],
        );
        for (const orphan of orphans) await terminate(orphan);
        assert.deepEqual(await markedProcesses(mark), []);
    });
});
