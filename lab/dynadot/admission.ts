import type { VirtualClock } from "./virtualClock.ts";

/** How much a key may do; Dynadot's "Regular" price level has 1 and 60. */
export interface RateLimits {
    /** Requests that may be in flight at once. */
    readonly threads: number;
    readonly requestsPerMinute: number;
}

/** Why a request is not let in. */
export type AdmissionRefusal = "concurrency" | "rate";

interface KeyUse {
    inFlight: number;
    tokens: number;
    filledAt: number;
}

/** Lets requests in, per key: so many at once, and so many in a minute (a token bucket). */
export class Admission {
    readonly #limits: () => RateLimits;
    readonly #clock: VirtualClock;
    readonly #keys = new Map<string, KeyUse>();

    constructor(limits: () => RateLimits, clock: VirtualClock) {
        this.#limits = limits;
        this.#clock = clock;
    }

    /** Takes a place for a request of `key`; the function returned gives it back. */
    enter(key: string): AdmissionRefusal | (() => void) {
        const { threads, requestsPerMinute } = this.#limits();
        const now = this.#clock.now();
        const use = this.#keys.get(key) ?? {
            inFlight: 0,
            tokens: requestsPerMinute,
            filledAt: now,
        };
        this.#keys.set(key, use);
        const refill = ((now - use.filledAt) / 60_000) * requestsPerMinute;
        use.tokens = Math.min(requestsPerMinute, use.tokens + refill);
        use.filledAt = now;
        if (use.tokens < 1) return "rate";
        use.tokens--;
        if (use.inFlight >= threads) return "concurrency";
        use.inFlight++;
        return () => {
            use.inFlight--;
        };
    }
}
