import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lock as guard } from "proper-lockfile";
import { OperationFailure } from "./failure.ts";
import { holderSchema, holderText, isGone, thisProcess } from "./holder.ts";
import type { Holder } from "./holder.ts";

/** The lock on a stack's work directory. */
export interface StackLock {
    readonly holder: Holder;
    /** The holder whose process had died, if its lock was taken over. */
    readonly takenOverFrom: Holder | undefined;
    release(): Promise<void>;
}

function lockFile(workDirectory: string): string {
    return join(workDirectory, "lock.json");
}

/** Who holds the lock; undefined when nobody does. */
export async function lockHolder(workDirectory: string): Promise<Holder | undefined> {
    const text = await readFile(lockFile(workDirectory), "utf8").catch(() => undefined);
    return text === undefined ? undefined : holderSchema.parse(JSON.parse(text));
}

/** Milliseconds after which the guard of a process that died counts no more. */
const GUARD_STALE = 5_000;

/** Reading and writing the file are one step, between processes. */
async function exclusively<T>(workDirectory: string, act: () => Promise<T>): Promise<T> {
    const unlock = await guard(workDirectory, {
        lockfilePath: join(workDirectory, "lock.guard"),
        stale: GUARD_STALE,
        retries: { retries: 100, minTimeout: 20, maxTimeout: 100 },
    });
    try {
        return await act();
    } finally {
        await unlock();
    }
}

/**
 * Takes the lock on a stack's work directory, also from a process of this machine that has died.
 *
 * @throws OperationFailure `locked`, with who holds it
 */
export async function takeLock(workDirectory: string, command: string): Promise<StackLock> {
    await mkdir(workDirectory, { recursive: true, mode: 0o700 });
    return await exclusively(workDirectory, async () => {
        const held = await lockHolder(workDirectory);
        if (held !== undefined && !(await isGone(held)))
            throw new OperationFailure(
                "locked",
                `this stack is in use: ${holderText(held)}`,
                `wait until it is done, or end it there: kill -TERM ${held.pid}. If that machine is gone, remove ${lockFile(workDirectory)}`,
            );
        const holder = await thisProcess(command);
        // Renamed into place, so that a crash leaves a whole file or none.
        const next = `${lockFile(workDirectory)}.next`;
        await writeFile(next, JSON.stringify(holder), { mode: 0o600 });
        await rename(next, lockFile(workDirectory));
        return {
            holder,
            takenOverFrom: held,
            release: () =>
                exclusively(workDirectory, () => rm(lockFile(workDirectory), { force: true })),
        };
    });
}
