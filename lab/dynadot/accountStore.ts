import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import PQueue from "p-queue";
import { DynadotRefusal } from "./accountState.ts";
import type { AccountState } from "./accountState.ts";
import type { Publication } from "./publication.ts";
import { seedAccount } from "./seed.ts";
import type { VirtualClock } from "./virtualClock.ts";

/** States that stale reads can go back to. */
const HISTORY = 100;

/** A change that was promised and is not done yet. */
interface LateChange {
    readonly due: number;
    readonly change: (account: AccountState) => unknown;
}

/**
 * The account, kept in a file. A change is published in DNS, then written down, then valid; where one of these fails, it
 * did not happen.
 */
export class AccountStore {
    readonly #file: string;
    readonly #publication: Publication;
    readonly #clock: VirtualClock;
    readonly #changes = new PQueue({ concurrency: 1 });
    #history: { readonly at: number; readonly state: AccountState }[] = [];
    #late: LateChange[] = [];

    constructor(file: string, publication: Publication, clock: VirtualClock) {
        this.#file = file;
        this.#publication = publication;
        this.#clock = clock;
    }

    /** Takes up the file, or starts a new account, and publishes every domain of it. */
    async open(): Promise<void> {
        const text = await readFile(this.#file, "utf8").catch(() => undefined);
        const state =
            text === undefined
                ? seedAccount(this.#clock.now())
                : (JSON.parse(text) as AccountState);
        await this.#publication.publishAll(state);
        await this.#save(state);
        this.#history = [{ at: 0, state }];
    }

    /** The account as a reader sees it, whose view may lag behind. Not to be changed. */
    read(staleSeconds = 0): AccountState {
        const asOf = this.#clock.now() - staleSeconds * 1000;
        const seen = staleSeconds > 0 ? this.#history.findLast(({ at }) => at <= asOf) : undefined;
        const state = (seen ?? this.#history.at(-1))?.state;
        if (state === undefined) throw new Error("the account was not opened");
        return state;
    }

    /**
     * Changes the account: all of `change`, or, when it throws, nothing.
     *
     * @param lateSeconds - resolves at once, and the change comes after the next one, or so much later if there is none
     */
    async change<T>(change: (account: AccountState) => T, lateSeconds = 0): Promise<T> {
        return this.#changes.add(async () => {
            if (lateSeconds > 0) {
                const result = change(structuredClone(this.read()));
                this.#late.push({ due: this.#clock.now() + lateSeconds * 1000, change });
                return result;
            }
            const result = await this.#apply(change);
            await this.#applyLate(() => true);
            return result;
        });
    }

    /** Puts another account in its place; `past` is what readings see that lag behind. */
    async restore(account: AccountState, past = account): Promise<void> {
        await this.#changes.add(async () => {
            const state = structuredClone(account);
            await this.#publish(this.read(), state);
            await this.#save(state);
            this.#late = [];
            this.#history = [
                { at: 0, state: structuredClone(past) },
                { at: this.#clock.now(), state },
            ];
        });
    }

    /** Does what is late and due by now. */
    async settle(): Promise<void> {
        if (this.#late.length === 0) return;
        await this.#changes.add(() => this.#applyLate(({ due }) => due <= this.#clock.now()));
    }

    async #applyLate(due: (late: LateChange) => boolean): Promise<void> {
        const ready = this.#late.filter(due);
        this.#late = this.#late.filter((late) => !ready.includes(late));
        for (const { change } of ready)
            await this.#apply(change).catch((error: unknown) => {
                // It was answered as done long ago: there is nobody left to tell.
                if (!(error instanceof DynadotRefusal)) throw error;
            });
    }

    async #apply<T>(change: (account: AccountState) => T): Promise<T> {
        const before = this.read();
        const after = structuredClone(before);
        const result = change(after);
        await this.#publish(before, after);
        await this.#save(after);
        this.#history = [
            ...this.#history.slice(1 - HISTORY),
            { at: this.#clock.now(), state: after },
        ];
        return result;
    }

    async #publish(before: AccountState, after: AccountState): Promise<void> {
        try {
            await this.#publication.publishChange(before, after);
        } catch (cause) {
            if (cause instanceof DynadotRefusal) throw cause;
            const text = "problem with connection to main server";
            throw Object.assign(new DynadotRefusal(text, 503), { cause });
        }
    }

    async #save(state: AccountState): Promise<void> {
        await mkdir(dirname(this.#file), { recursive: true });
        await writeFile(`${this.#file}.new`, JSON.stringify(state, null, 4));
        await rename(`${this.#file}.new`, this.#file);
    }
}
