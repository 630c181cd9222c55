// Proves that one operation at a time works on a stack's work directory, that the lock tells who holds it, and that only the lock of
// a process that is gone for certain is taken over. It does not prove anything about locks in the backend.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "mocha";
import { EngineInterrupted, engineSignal } from "../../../operations/provision/cancellation.ts";
import { areGone, engineLocks } from "../../../operations/provision/engineLock.ts";
import { OperationFailure } from "../../../operations/provision/failure.ts";
import { lockHolder, takeLock } from "../../../operations/provision/lock.ts";

/** A process that has ended; nobody else has its number so soon. */
async function deadPid(): Promise<number> {
    const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(child, "exit");
    return child.pid ?? 0;
}

describe("the lock on a stack", () => {
    let directory: string;
    before(async () => {
        directory = await mkdtemp(join(tmpdir(), "sovereign-lock-"));
    });
    after(() => rm(directory, { recursive: true }));
    afterEach(() => rm(join(directory, "lock.json"), { force: true }));

    const heldBy = (holder: object) =>
        writeFile(
            join(directory, "lock.json"),
            JSON.stringify({
                pid: process.pid,
                processStart: "0",
                host: hostname(),
                user: "admin",
                since: "2026-11-24T09:00:00.000Z",
                command: "provision",
                ...holder,
            }),
        );

    it("is given to one of many who ask at once, and refuses the others with its name", async () => {
        const asked = await Promise.allSettled(
            Array.from({ length: 8 }, () => takeLock(directory, "provision")),
        );
        const refused = asked.flatMap((a) =>
            a.status === "rejected" ? [a.reason as unknown] : [],
        );
        assert.equal(refused.length, 7);
        for (const error of refused) {
            assert.ok(error instanceof OperationFailure);
            assert.equal(error.kind, "locked");
            assert.match(
                error.message,
                new RegExp(
                    `^this stack is in use: provision by \\S+@${hostname()} \\(pid ${process.pid}\\) since 20`,
                ),
            );
            assert.match(error.remedy, new RegExp(`kill -TERM ${process.pid}\\b`));
        }
        assert.equal((await lockHolder(directory))?.pid, process.pid);
        for (const a of asked) if (a.status === "fulfilled") await a.value.release();
        assert.equal(await lockHolder(directory), undefined);
    });

    it("is taken over from a process that died, also where its number was given to another", async () => {
        await heldBy({ pid: await deadPid() });
        const first = await takeLock(directory, "refresh");
        assert.equal(first.takenOverFrom?.command, "provision");
        await first.release();
        await heldBy({ pid: process.pid, processStart: "1" });
        const second = await takeLock(directory, "refresh");
        assert.equal(second.takenOverFrom?.processStart, "1");
        await second.release();
    });

    it("is left to another machine, whose processes cannot be seen", async () => {
        await heldBy({ host: "elsewhere", pid: await deadPid() });
        await assert.rejects(
            takeLock(directory, "destroy"),
            /in use: provision by admin@elsewhere/,
        );
    });

    it("is a file of this user alone", async () => {
        const lock = await takeLock(directory, "provision");
        const { mode } = await (
            await import("node:fs/promises")
        ).stat(join(directory, "lock.json"));
        assert.equal(mode & 0o777, 0o600);
        assert.match(await readFile(join(directory, "lock.json"), "utf8"), /"command":"provision"/);
        await lock.release();
    });
});

describe("the lock of an engine", () => {
    const refusal = (pid: number, host: string) =>
        `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///state/.pulumi/locks/organization/sovereign/dev/1.json: created by root@${host} (pid ${pid}) at 2026-11-24T09:00:00Z`;

    it("is read out of the CLI's refusal", () => {
        assert.deepEqual(engineLocks(refusal(4711, "host-1")), [
            { user: "root", host: "host-1", pid: 4711, since: "2026-11-24T09:00:00Z" },
        ]);
    });

    it("may be taken away only from an engine of this machine that is gone", async () => {
        const gone = async (pid: number, host: string) =>
            await areGone(engineLocks(refusal(pid, host)));
        assert.equal(await gone(await deadPid(), hostname()), true);
        assert.equal(await gone(process.pid, hostname()), false);
        assert.equal(await gone(await deadPid(), "elsewhere"), false);
        assert.equal(await areGone([]), false);
    });
});

describe("the engine's signal", () => {
    it("follows the operation's, except where a terminal has told the engine already", () => {
        const operation = new AbortController();
        const signal = engineSignal(operation.signal);
        operation.abort();
        assert.equal(signal.aborted, true);
        assert.equal(engineSignal(operation.signal).aborted, true);
        const interrupted = new AbortController();
        const spared = engineSignal(interrupted.signal);
        interrupted.abort(new EngineInterrupted());
        assert.equal(spared.aborted, false);
    });
});
