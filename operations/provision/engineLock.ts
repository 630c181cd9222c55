import { hostname } from "node:os";
import { runs } from "./holder.ts";

/** The lock that an engine left in a file backend, as the CLI tells it. */
export interface EngineLock {
    readonly user: string;
    readonly host: string;
    readonly pid: number;
    readonly since: string;
}

/** Every lock in the CLI's refusal: `created by root@host (pid 4711) at 2026-11-24T09:00:00Z`. */
export function engineLocks(refusal: string): readonly EngineLock[] {
    return [...refusal.matchAll(/created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g)].map(
        ([, user = "", host = "", pid = "", since = ""]) => ({
            user,
            host,
            pid: Number(pid),
            since,
        }),
    );
}

/** Whether all of these engines are gone for certain, so that their locks may be taken away. */
export async function areGone(locks: readonly EngineLock[]): Promise<boolean> {
    for (const { host, pid } of locks) if (host !== hostname() || (await runs(pid))) return false;
    return locks.length > 0;
}
