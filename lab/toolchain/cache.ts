import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lock } from "proper-lockfile";
import type { BinaryOrigin } from "../parts.ts";

/** How an entry came to be; written into it before it is put in place. */
export interface Provenance {
    readonly origin: Exclude<BinaryOrigin, "cache">;
    readonly version: string;
    /** ISO 8601. */
    readonly madeAt: string;
    readonly seconds: number;
}

export interface CacheEntry {
    readonly directory: string;
    readonly provenance: Provenance;
    /** Whether this call made it. */
    readonly fresh: boolean;
}

const PROVENANCE = "provenance.json";

/** A lock whose holder has not been heard of for this long (milliseconds) belongs to a dead process. */
const STALE = 60_000;

/**
 * Finished directories by name and key. An entry is made in a scratch directory and renamed into place, so what exists is
 * whole, also after a crash; a lock per name lets only one process of this machine make it.
 */
export class Cache {
    readonly #root: string;

    constructor(root: string) {
        this.#root = root;
    }

    /** The entry, or undefined where nobody has made it. */
    async find(name: string, key: string): Promise<CacheEntry | undefined> {
        const directory = join(this.#root, name, key);
        try {
            const text = await readFile(join(directory, PROVENANCE), "utf8");
            return { directory, provenance: JSON.parse(text) as Provenance, fresh: false };
        } catch (error) {
            if (error instanceof Error && "code" in error && error.code === "ENOENT")
                return undefined;
            throw error;
        }
    }

    /**
     * The entry, made by `produce` where it is not there yet.
     *
     * @param produce - fills the directory it is given; what it throws leaves nothing behind
     * @param waiting - told once when another process is making this very entry
     */
    async obtain(
        name: string,
        key: string,
        produce: (directory: string) => Promise<Pick<Provenance, "origin" | "version">>,
        waiting?: () => void,
    ): Promise<CacheEntry> {
        const found = await this.find(name, key);
        if (found) return found;
        const home = join(this.#root, name);
        await mkdir(home, { recursive: true });
        const unlock = await this.#lock(join(home, "lock"), waiting);
        try {
            const meanwhile = await this.find(name, key);
            if (meanwhile) return meanwhile;
            await removeLeftovers(home);
            return await this.#make(home, key, produce);
        } finally {
            await unlock();
        }
    }

    async #make(
        home: string,
        key: string,
        produce: (directory: string) => Promise<Pick<Provenance, "origin" | "version">>,
    ): Promise<CacheEntry> {
        const scratch = await mkdtemp(join(home, ".partial-"));
        const begun = Date.now();
        try {
            const { origin, version } = await produce(scratch);
            const provenance: Provenance = {
                origin,
                version,
                madeAt: new Date().toISOString(),
                seconds: Math.round((Date.now() - begun) / 1000),
            };
            await writeFile(join(scratch, PROVENANCE), JSON.stringify(provenance, null, 4) + "\n");
            const directory = join(home, key);
            await rm(directory, { recursive: true, force: true });
            await rename(scratch, directory);
            return { directory, provenance, fresh: true };
        } finally {
            await rm(scratch, { recursive: true, force: true });
        }
    }

    async #lock(file: string, waiting?: () => void): Promise<() => Promise<void>> {
        const options = { realpath: false, stale: STALE };
        try {
            return await lock(file, options);
        } catch (error) {
            if (!(error instanceof Error && "code" in error && error.code === "ELOCKED"))
                throw error;
        }
        waiting?.();
        return await lock(file, {
            ...options,
            retries: { forever: true, minTimeout: 200, maxTimeout: 2000 },
        });
    }
}

/** Scratch directories of processes that died; called under the lock, so nobody is using them. */
async function removeLeftovers(home: string): Promise<void> {
    for (const name of await readdir(home)) {
        if (name.startsWith(".partial-"))
            await rm(join(home, name), { recursive: true, force: true });
    }
}
