import { setTimeout as delay } from "node:timers/promises";

export interface EventuallyOptions {
    /** Milliseconds until it gives up. @default 10000 */
    readonly timeout?: number;
    /** Milliseconds between two looks. @default 25 */
    readonly interval?: number;
}

/**
 * Looks again and again until `probe` returns without throwing, and gives back what it returned. A deadline that passes
 * throws the last failure, so that the test says what was still wrong.
 *
 * @param what - what is waited for, for the error message
 */
export async function eventually<T>(
    what: string,
    probe: () => T | Promise<T>,
    options: EventuallyOptions = {},
): Promise<T> {
    const { timeout = 10_000, interval = 25 } = options;
    const deadline = Date.now() + timeout;
    for (;;) {
        try {
            return await probe();
        } catch (error) {
            if (Date.now() >= deadline) {
                const reason = error instanceof Error ? error.message : String(error);
                throw new Error(`gave up after ${timeout} ms waiting for ${what}: ${reason}`, {
                    cause: error,
                });
            }
        }
        await delay(interval);
    }
}
