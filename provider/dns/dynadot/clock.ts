import { setTimeout as delay } from "node:timers/promises";

/** The time by which requests are paced and repeated. */
export interface Clock {
    /** Milliseconds since 1970. */
    now(): number;
    /** Rejects when the signal is aborted. */
    sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** The machine's own time. */
export const MACHINE_CLOCK: Clock = {
    now: () => Date.now(),
    sleep: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
};
