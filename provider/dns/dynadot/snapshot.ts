import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostedDns } from "./messages.ts";

/**
 * The records of a domain on Dynadot's own DNS as they were before a write, in a file that only its owner may read. It is
 * let go once the write is known to have changed nothing else; after a crash, or where something was lost, it is still there.
 */
export class HostedSnapshot {
    readonly file: string;

    private constructor(file: string) {
        this.file = file;
    }

    /** @param domain - without trailing dot */
    static async keep(directory: string, domain: string, live: HostedDns): Promise<HostedSnapshot> {
        const folder = join(directory, "snapshots");
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const moment = new Date().toISOString().replaceAll(":", "-");
        const file = join(folder, `${domain}-${moment}-${process.pid}.json`);
        await writeFile(file, `${JSON.stringify({ domain, ...live }, null, 4)}\n`, { mode: 0o600 });
        return new HostedSnapshot(file);
    }

    /** Nothing needs to be put back. */
    async letGo(): Promise<void> {
        await rm(this.file, { force: true });
    }
}
