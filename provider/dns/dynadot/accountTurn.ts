import { DynadotRefused, DynadotUnavailable, WithoutEffect } from "./failures.ts";
import type { DynadotRequest, DynadotTransport } from "./transport.ts";

/** How often a write is read back before it counts as not done: reads may lag behind writes. */
export const READ_BACKS = 5;

/** A change to make at Dynadot. */
export interface Change {
    /** What it does, for errors. */
    readonly action: string;
    /** Paths whose readings it outdates. */
    readonly touches: readonly string[];
    /** Whether it is done, judged by readings. */
    satisfied(): Promise<boolean>;
    /**
     * Written once even where a reading says that it is done: a reading may lag behind, and this write may be repeated
     * without harm. @default false
     */
    readonly regardless?: boolean;
    write(): Promise<unknown>;
}

/**
 * Reads and changes during one turn at an account. A path is read once in a turn, and again after every write that touches
 * it, since requests are few: one a second at the lowest price level.
 */
export class AccountTurn {
    readonly transport: DynadotTransport;
    readonly #readings = new Map<string, Promise<unknown>>();

    constructor(transport: DynadotTransport) {
        this.transport = transport;
    }

    read(path: string, action: string): Promise<unknown> {
        const existing = this.#readings.get(path);
        if (existing !== undefined) return existing;
        const reading = this.transport.read({ method: "GET", path, action });
        this.#readings.set(path, reading);
        return reading;
    }

    /** Takes what a path last said for outdated. */
    forget(path: string): void {
        this.#readings.delete(path);
    }

    /** Waits, longer each time, for readings that lag behind. */
    lag(attempt: number): Promise<void> {
        return this.transport.pause(1000, attempt);
    }

    send(request: DynadotRequest): Promise<unknown> {
        return this.transport.send(request);
    }

    /** Reads, writes where something is missing, and reads back. A write is repeated only after reading what became of it. */
    async make(change: Change): Promise<void> {
        let attempts = 0;
        await this.transport.persistently(async () => {
            if (attempts++ > 0) this.#forget(change);
            const unread = attempts === 1 && change.regardless === true;
            if (!unread && (await change.satisfied())) return;
            try {
                await change.write();
            } catch (error) {
                // Refused it may also be because it is done, and the reading lagged behind.
                const refused = error instanceof DynadotRefused;
                const ambiguous = error instanceof DynadotUnavailable && !error.untouched;
                if (!refused && !ambiguous) throw error;
                if (ambiguous) await this.transport.pause(error.pause, 0);
                this.#forget(change);
                if (await change.satisfied()) return;
                throw error;
            }
            for (let look = 0; look < READ_BACKS; look++) {
                if (look > 0) await this.lag(look - 1);
                this.#forget(change);
                if (await change.satisfied()) return;
            }
            throw new WithoutEffect(change.action);
        });
    }

    #forget({ touches }: Change): void {
        for (const path of touches) this.forget(path);
    }
}
