import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { lock } from "proper-lockfile";
import { MAX_INSTANCE } from "../../lab/addresses.ts";

/** Lab numbers from here up are the tests'; below are people's. */
export const FIRST_TEST_INSTANCE = 32;

/** A lab number that nobody else on this machine uses, with a fresh directory for its state. */
export interface LabInstance {
    /** 32–63. */
    readonly instance: number;
    /** Empty at first; removed by `release`. */
    readonly directory: string;
    /** Gives the number back and removes the directory. Safe to call twice. */
    release(): Promise<void>;
}

/** How long a lock of a process that died is still honoured, in milliseconds. */
const STALE = 10_000;

function isTaken(error: unknown): boolean {
    return error instanceof Error && "code" in error && error.code === "ELOCKED";
}

/**
 * Claims a free lab number for a test, against every other process of this user on the machine.
 *
 * @throws Error when all numbers are in use
 */
export async function claimLabInstance(): Promise<LabInstance> {
    const locks = join(tmpdir(), `sovereign-labs-${userInfo().uid}`);
    await mkdir(locks, { recursive: true });
    const count = MAX_INSTANCE - FIRST_TEST_INSTANCE + 1;
    for (let attempt = 0; attempt < count; attempt++) {
        const instance = FIRST_TEST_INSTANCE + ((process.pid + attempt) % count);
        let unlock: () => Promise<void>;
        try {
            unlock = await lock(join(locks, String(instance)), { realpath: false, stale: STALE });
        } catch (error) {
            if (isTaken(error)) continue;
            throw error;
        }
        const directory = await mkdtemp(join(tmpdir(), `sovereign-lab-${instance}-`));
        let released = false;
        return {
            instance,
            directory,
            async release() {
                if (released) return;
                released = true;
                await rm(directory, { recursive: true, force: true });
                await unlock();
            },
        };
    }
    throw new Error(
        `all test labs (${FIRST_TEST_INSTANCE}–${MAX_INSTANCE}) are in use; their locks are in ${locks}`,
    );
}
