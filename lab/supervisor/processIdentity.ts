import { readFile, readdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
    readonly pid: number;
    /** Start time in clock ticks since boot: field 22 of `/proc/<pid>/stat` (proc_pid_stat(5)). */
    readonly startTime: string;
}

/** Milliseconds that a process has to end after SIGTERM before it is killed. */
const GRACE = 15_000;
const POLL = 50;

/** Identity of a running process; undefined where there is none. A zombie counts as ended. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
    try {
        const stat = await readFile(`/proc/${pid}/stat`, "utf8");
        // The command's name is in parentheses and may hold anything, spaces and parentheses as well.
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const [state, startTime] = [fields[0], fields[19]];
        if (state === "Z" || state === "X" || startTime === undefined) return undefined;
        return { pid, startTime };
    } catch {
        return undefined;
    }
}

/** Whether this very process still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
    return (await identify(identity.pid))?.startTime === identity.startTime;
}

/**
 * Ends a process: SIGTERM, and SIGKILL when that is not enough. A process that ended, and another one that got its
 * number, are left alone.
 *
 * @param grace - milliseconds between the two signals
 */
export async function terminate(identity: ProcessIdentity, grace = GRACE): Promise<void> {
    if (!(await isRunning(identity))) return;
    signal(identity.pid, "SIGTERM");
    if (await ended(identity, grace)) return;
    signal(identity.pid, "SIGKILL");
    if (await ended(identity, GRACE)) return;
    throw new Error(
        `process ${identity.pid} does not end, not even when killed; look at it with: cat /proc/${identity.pid}/status`,
    );
}

function signal(pid: number, name: NodeJS.Signals): void {
    try {
        process.kill(pid, name);
    } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
}

async function ended(identity: ProcessIdentity, timeout: number): Promise<boolean> {
    const deadline = Date.now() + timeout;
    while (await isRunning(identity)) {
        if (Date.now() >= deadline) return false;
        await delay(POLL);
    }
    return true;
}

/** Environment variable that every process of a lab inherits; its value is the lab's state directory. */
export const LAB_MARK = "SOVEREIGN_LAB_DIRECTORY";

/** A process of a lab, found by its mark. */
export interface MarkedProcess extends ProcessIdentity {
    /** Command line, for people. */
    readonly command: string;
}

/**
 * Every running process that carries the mark of the lab in `directory`, whoever its parent is now. This process is not
 * among them.
 */
export async function markedProcesses(directory: string): Promise<MarkedProcess[]> {
    const found: MarkedProcess[] = [];
    for (const name of await readdir("/proc")) {
        if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
        // Taken before the environment is read: if the number is reused in between, the start times differ.
        const identity = await identify(Number(name));
        if (!identity) continue;
        const environment = await readFile(`/proc/${name}/environ`, "utf8").catch(() => "");
        if (!environment.split("\0").includes(`${LAB_MARK}=${directory}`)) continue;
        const command = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
        found.push({ ...identity, command: command.replaceAll("\0", " ").trim() });
    }
    return found;
}
