import { createHash } from "node:crypto";
import { stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Turns } from "../../framework/turns.ts";
import { exclusivelyOnMachine } from "../machineLock.ts";
import type { Clock } from "../clock.ts";
import type { DynadotAccess } from "./transport.ts";

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
    readonly #spacing: number;
    readonly #clock: Clock;
    readonly #turns = new Turns();

    constructor(account: Pick<DynadotAccess, "url" | "apiKey">, options: AccountLockOptions) {
        const digest = createHash("sha256")
            .update(`${account.url.replace(/\/+$/, "")}\n${account.apiKey}`)
            .digest("hex")
            .slice(0, 16);
        this.#file = join(options.directory, digest);
        this.#spacing = Math.ceil((60_000 / options.requestsPerMinute) * 1.05);
        this.#clock = options.clock;
    }

    /** Runs `act` while nobody else uses the account. Its signal is also aborted when the lock is lost. */
    async exclusively<T>(
        act: (signal: AbortSignal) => Promise<T>,
        signal: AbortSignal,
    ): Promise<T> {
        return this.#turns.take(() => exclusivelyOnMachine(this.#file, act, signal), signal);
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
}
