import { RateLimiter } from "./rateLimiter.ts";
import type { Throttle } from "./stalwartOutbound.ts";

/** The plan's limits on sessions, counted for a whole server. */
export class SessionLimits {
    readonly #connections: readonly RateLimiter[];
    readonly #pairs: readonly RateLimiter[];

    constructor(throttles: readonly Throttle[]) {
        const limiters = (kind: Throttle["kind"]) =>
            throttles
                .filter((throttle) => throttle.kind === kind)
                .map(({ count, period }) => new RateLimiter(count, period));
        this.#connections = limiters("address");
        this.#pairs = limiters("pair");
    }

    /** Counts a connection to port 25, and says whether the address may have it. */
    allowsConnection(address: string): boolean {
        return this.#connections.every((limiter) => limiter.allow(address));
    }

    /** Counts a recipient of a submitted message, and says whether the sender may write to it now. */
    allowsRecipient(sender: string, recipient: string): boolean {
        const pair = `${sender.toLowerCase()}\n${recipient.toLowerCase()}`;
        return this.#pairs.every((limiter) => limiter.allow(pair));
    }
}
