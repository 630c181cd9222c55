import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { lock } from "proper-lockfile";

/** Milliseconds until another process looks again whether the lock is free. */
const LOOK_AGAIN = 250;

/** Milliseconds after which the lock of a process that died counts no more. */
const STALE = 10_000;

/** Another process took the lock over, since this one gave no sign of life for too long. */
class LockLost extends Error {
    constructor() {
        super(
            "this process stood still for so long that another one took its place. " +
                "What was being written may be done or not: run the command again.",
        );
        this.name = "LockLost";
    }
}

/** Directory of what this user's providers on this machine share, such as locks. */
export function sharedDirectory(...names: readonly string[]): string {
    const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
    return join(cache, "sovereign", ...names);
}

/**
 * Runs `act` while no other process of this machine holds the lock on `file`. The signal given to `act` is also aborted
 * when the lock is lost.
 */
export async function exclusivelyOnMachine<T>(
    file: string,
    act: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
): Promise<T> {
    const lost = new AbortController();
    const release = await acquire(file, signal, lost);
    try {
        return await act(AbortSignal.any([signal, lost.signal]));
    } finally {
        if (!lost.signal.aborted) await release();
    }
}

async function acquire(
    file: string,
    signal: AbortSignal,
    lost: AbortController,
): Promise<() => Promise<void>> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    for (;;) {
        signal.throwIfAborted();
        try {
            return await lock(file, {
                realpath: false,
                stale: STALE,
                onCompromised: () => {
                    lost.abort(new LockLost());
                },
            });
        } catch (error) {
            if (!isTaken(error)) throw error;
        }
        await delay(LOOK_AGAIN, undefined, { signal });
    }
}

function isTaken(error: unknown): boolean {
    return error instanceof Error && "code" in error && error.code === "ELOCKED";
}
