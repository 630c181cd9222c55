import { readFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { z } from "zod";

/** Who works on a stack. */
export const holderSchema = z.object({
    pid: z.int(),
    /** Start of the process in clock ticks since boot, which tells a reused pid (proc_pid_stat(5), field 22). */
    processStart: z.string(),
    host: z.string(),
    user: z.string(),
    /** ISO 8601. */
    since: z.string(),
    /** What it does, for example `provision`. */
    command: z.string(),
});

export type Holder = z.infer<typeof holderSchema>;

/** Start time of a process of this machine, empty where the system does not tell it; undefined when there is none. */
async function processStart(pid: number): Promise<string | undefined> {
    try {
        const stat = await readFile(`/proc/${pid}/stat`, "utf8");
        return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    } catch {
        if (process.platform === "linux") return undefined;
    }
    try {
        process.kill(pid, 0);
        return "";
    } catch {
        return undefined;
    }
}

/** This process as a holder. */
export async function thisProcess(command: string): Promise<Holder> {
    return {
        pid: process.pid,
        processStart: (await processStart(process.pid)) ?? "",
        host: hostname(),
        user: userInfo().username,
        since: new Date().toISOString(),
        command,
    };
}

/** Whether a holder is gone for certain: only one of this machine can be known to be. */
export async function isGone(
    holder: Pick<Holder, "pid" | "host" | "processStart">,
): Promise<boolean> {
    return holder.host === hostname() && (await processStart(holder.pid)) !== holder.processStart;
}

/** Whether a process of this machine runs. */
export async function runs(pid: number): Promise<boolean> {
    return (await processStart(pid)) !== undefined;
}

/** A holder in words. */
export function holderText({ command, user, host, pid, since }: Holder): string {
    return `${command} by ${user}@${host} (pid ${pid}) since ${since}`;
}
