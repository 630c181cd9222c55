import { setTimeout as delay } from "node:timers/promises";
import type { CallContext } from "../framework/resource.ts";

export interface PollOptions {
    readonly timeoutSeconds: number;
    readonly signal: AbortSignal;
    /** @default 1000 */
    readonly intervalMs?: number;
    /** Called with what is missing whenever that changes, and with the seconds gone. */
    readonly onWaiting: (reason: string, seconds: number) => void;
}

/** How a call waits: until the engine cancels, saying what for and for how long. */
export function within(context: CallContext, timeoutSeconds: number): PollOptions {
    return {
        timeoutSeconds,
        signal: context.waiting,
        onWaiting: (reason, seconds) => {
            context.log.status(`${reason} (${seconds} s)`);
        },
    };
}

/** What an attempt found: the value that was waited for, or what is still missing. */
export type Attempt<T> = { readonly value: T } | { readonly missing: string };

/**
 * Calls `attempt` until it has a value. An attempt that throws ends the wait.
 *
 * @throws Error after the time limit, naming what was missing last.
 */
export async function poll<T>(
    what: string,
    attempt: () => Promise<Attempt<T>>,
    options: PollOptions,
): Promise<T> {
    const started = Date.now();
    const seconds = () => Math.round((Date.now() - started) / 1000);
    let last = "";
    for (;;) {
        options.signal.throwIfAborted();
        const result = await attempt();
        if ("value" in result) return result.value;
        if (result.missing !== last) options.onWaiting(result.missing, seconds());
        last = result.missing;
        if (Date.now() - started >= options.timeoutSeconds * 1000)
            throw new Error(`${what}: not within ${options.timeoutSeconds} s; at the end: ${last}`);
        await delay(options.intervalMs ?? 1000, undefined, { signal: options.signal });
    }
}
