import { createHash } from "node:crypto";
import { mkdir, stat, utimes, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import PQueue from "p-queue";
import { lock } from "proper-lockfile";
import type { DynadotAccess } from "./transport.ts";

/** Milliseconds until another process looks again whether the account is free. */
const LOOK_AGAIN = 250;

/**
 * One user of an API key at a time on this machine, over all processes, and so many requests a minute: Dynadot refuses a
 * second request in flight. The lock is in the user's cache directory and named by a digest of service and key; a process that
 * dies leaves a lock that goes stale after ten seconds.
 */
export class AccountLock {
    readonly #file: string;
    readonly #directory: string;
    readonly #spacing: number;
    readonly #queue = new PQueue({ concurrency: 1 });

    constructor(account: Pick<DynadotAccess, "url" | "apiKey">, requestsPerMinute: number) {
        const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
        const digest = createHash("sha256")
            .update(`${account.url}\n${account.apiKey}`)
            .digest("hex")
            .slice(0, 16);
        this.#directory = join(cache, "sovereign", "dynadot");
        this.#file = join(this.#directory, digest);
        this.#spacing = Math.ceil((60_000 / requestsPerMinute) * 1.05);
    }

    /** Runs `act` while nobody else uses the account. */
    async exclusively<T>(act: () => Promise<T>, signal: AbortSignal): Promise<T> {
        return this.#queue.add(
            async () => {
                const release = await this.#acquire(signal);
                try {
                    return await act();
                } finally {
                    await release();
                }
            },
            { signal },
        );
    }

    /** Waits until the next request may go out. Only inside {@link exclusively}. */
    async pace(signal: AbortSignal): Promise<void> {
        const last = await stat(this.#file).then(
            ({ mtimeMs }) => mtimeMs,
            () => 0,
        );
        const rest = last + this.#spacing - Date.now();
        if (rest > 0) await delay(Math.min(rest, this.#spacing), undefined, { signal });
        await this.#touch();
    }

    async #touch(): Promise<void> {
        await writeFile(this.#file, "");
        const now = new Date();
        await utimes(this.#file, now, now);
    }

    async #acquire(signal: AbortSignal): Promise<() => Promise<void>> {
        await mkdir(this.#directory, { recursive: true, mode: 0o700 });
        for (;;) {
            try {
                return await lock(this.#file, { realpath: false, stale: 10_000 });
            } catch (error) {
                if (!isTaken(error)) throw error;
            }
            await delay(LOOK_AGAIN, undefined, { signal });
        }
    }
}

function isTaken(error: unknown): boolean {
    return error instanceof Error && "code" in error && error.code === "ELOCKED";
}
