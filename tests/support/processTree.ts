import { readFile, readdir } from "node:fs/promises";

/** Every process below `pid`, itself first. Linux. */
export async function processTree(pid: number): Promise<readonly number[]> {
    const children = new Map<number, number[]>();
    for (const entry of await readdir("/proc")) {
        if (!/^\d+$/.test(entry)) continue;
        const stat = await readFile(`/proc/${entry}/stat`, "utf8").catch(() => "");
        // The name in parentheses may hold anything (proc_pid_stat(5)).
        const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
        children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    }
    const tree = [pid];
    for (const process of tree) tree.push(...(children.get(process) ?? []));
    return tree;
}

/** Ends a process and everything below it at once, as a machine does that loses its power. */
export async function killTree(pid: number): Promise<void> {
    for (const process_ of await processTree(pid))
        try {
            process.kill(process_, "SIGKILL");
        } catch {
            // It ended by itself.
        }
}
