import { createHash } from "node:crypto";
import { mkdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import PQueue from "p-queue";
import { lock } from "proper-lockfile";
import type { Clock } from "./clock.ts";
import type { DynadotAccess } from "./transport.ts";

/** Milliseconds until another process looks again whether the account is free. */
const LOOK_AGAIN = 250;

/** Milliseconds after which the lock of a process that died counts no more. */
const STALE = 10_000;

/** Most milliseconds that an account rests between two requests. */
const LONGEST_REST = 60_000;

export interface AccountLockOptions {
    readonly requestsPerMinute: number;
    readonly clock: Clock;
    /** Where the locks of all accounts are. */
    readonly directory: string;
}

/**
 * One user of an API key at a time on this machine, over all processes, and so many requests a minute: Dynadot refuses a
 * second request in flight. The lock is a file named by a digest of service and key; its modification time says until when
 * the account rests, so that a cool-down that one process was told of holds for the next one too.
 */
export class AccountLock {
    readonly #file: string;
    readonly #directory: string;
    readonly #spacing: number;
    readonly #clock: Clock;
    readonly #queue = new PQueue({ concurrency: 1 });

    constructor(account: Pick<DynadotAccess, "url" | "apiKey">, options: AccountLockOptions) {
        const digest = createHash("sha256")
            .update(`${account.url.replace(/\/+$/, "")}\n${account.apiKey}`)
            .digest("hex")
            .slice(0, 16);
        this.#directory = options.directory;
        this.#file = join(options.directory, digest);
        this.#spacing = Math.ceil((60_000 / options.requestsPerMinute) * 1.05);
        this.#clock = options.clock;
    }

    /** Runs `act` while nobody else uses the account. Its signal is also aborted when the lock is lost. */
    async exclusively<T>(
        act: (signal: AbortSignal) => Promise<T>,
        signal: AbortSignal,
    ): Promise<T> {
        return this.#queue.add(
            async () => {
                const lost = new AbortController();
                const release = await this.#acquire(signal, lost);
                try {
                    return await act(AbortSignal.any([signal, lost.signal]));
                } finally {
                    if (!lost.signal.aborted) await release();
                }
            },
            { signal },
        );
    }

    /** Waits until the next request may go out. Only inside {@link exclusively}. */
    async pace(signal: AbortSignal): Promise<void> {
        const until = await stat(this.#file).then(
            ({ mtimeMs }) => mtimeMs,
            () => 0,
        );
        const rest = until - this.#clock.now();
        if (rest > 0) await this.#clock.sleep(Math.min(rest, LONGEST_REST), signal);
        await this.rest(this.#spacing);
    }

    /** Lets nobody send a request for so many milliseconds. Only inside {@link exclusively}. */
    async rest(milliseconds: number): Promise<void> {
        await writeFile(this.#file, "");
        const until = new Date(this.#clock.now() + milliseconds);
        await utimes(this.#file, until, until);
    }

    async #acquire(signal: AbortSignal, lost: AbortController): Promise<() => Promise<void>> {
        await mkdir(this.#directory, { recursive: true, mode: 0o700 });
        for (;;) {
            try {
                return await lock(this.#file, {
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
}

/** Another process took the account over, since this one gave no sign of life for too long. */
class LockLost extends Error {
    constructor() {
        super(
            "this process stood still for so long that another one took over the Dynadot account. " +
                "What was being written may be done or not: run the command again.",
        );
        this.name = "LockLost";
    }
}

function isTaken(error: unknown): boolean {
    return error instanceof Error && "code" in error && error.code === "ELOCKED";
}
