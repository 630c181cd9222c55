import { setTimeout as delay } from "node:timers/promises";

/** The time by which requests are paced, given up and repeated. */
export interface Clock {
    /** Milliseconds since 1970. */
    now(): number;
    /** Rejects when the signal is aborted. */
    sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
    /** A signal that is aborted with a `TimeoutError` once so much time has passed. */
    timeout(milliseconds: number): AbortSignal;
}

/** The machine's own time. */
export const MACHINE_CLOCK: Clock = {
    now: () => Date.now(),
    sleep: (milliseconds, signal) => delay(milliseconds, undefined, { signal }),
    timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
};
