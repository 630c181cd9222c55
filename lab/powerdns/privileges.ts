import { stat } from "node:fs/promises";
import { dirname } from "node:path";

/** User and group of no privileges (`nobody`, `nogroup`) of Linux distributions. */
export const NOBODY = 65534;

const OTHERS_MAY_SEARCH = 0o001;

/** Whether every directory above `path` lets any user through. */
async function openToAll(path: string): Promise<boolean> {
    for (let directory = dirname(path); ; directory = dirname(directory)) {
        if (((await stat(directory)).mode & OTHERS_MAY_SEARCH) === 0) return false;
        if (directory === dirname(directory)) return true;
    }
}

/** How a server is started with as little power as it needs. */
export interface Privileges {
    /** Options of setpriv(1). */
    readonly options: readonly string[];
    /** User and group that must own the files that the server writes; undefined: who starts it. */
    readonly owner?: number;
}

/**
 * Privileges of a server that binds port 53 and reaches `paths`. Started by root it becomes `nobody`; where a path lies in
 * somebody's private directory it stays root, without any capability but that for low ports. Started by anybody else it
 * has their rights already.
 */
export async function dnsServerPrivileges(paths: readonly string[]): Promise<Privileges> {
    if (process.getuid?.() !== 0) return { options: ["--no-new-privs"] };
    const capability = "-all,+net_bind_service";
    const options = ["--no-new-privs", "--inh-caps", capability, "--bounding-set", capability];
    const open = await Promise.all(paths.map(openToAll));
    if (open.includes(false)) return { options };
    return {
        options: [
            ...options,
            "--ambient-caps",
            capability,
            "--reuid",
            String(NOBODY),
            "--regid",
            String(NOBODY),
            "--clear-groups",
        ],
        owner: NOBODY,
    };
}
