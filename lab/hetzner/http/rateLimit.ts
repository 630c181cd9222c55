/** What the RateLimit headers tell. */
export interface Allowance {
    readonly limit: number;
    readonly remaining: number;
    /** Unix time in seconds at which the whole limit is available again. */
    readonly reset: number;
    readonly exceeded: boolean;
}

/** A token bucket per project (https://docs.hetzner.cloud/reference/cloud#rate-limiting). */
export class RateLimit {
    readonly #limit: number;
    readonly #refill: number;
    readonly #now: () => number;
    readonly #buckets = new Map<string, { tokens: number; at: number }>();

    /** `refill` is in requests per second; `now` in milliseconds. */
    constructor(limit: number, refill: number, now: () => number = Date.now) {
        this.#limit = limit;
        this.#refill = refill;
        this.#now = now;
    }

    /** Takes one request out of the project's bucket. */
    take(project: string): Allowance {
        const now = this.#now();
        const bucket = this.#buckets.get(project) ?? { tokens: this.#limit, at: now };
        const gained = ((now - bucket.at) / 1000) * this.#refill;
        bucket.tokens = Math.min(this.#limit, bucket.tokens + gained);
        bucket.at = now;
        this.#buckets.set(project, bucket);
        const exceeded = bucket.tokens < 1;
        if (!exceeded) bucket.tokens -= 1;
        const missing = this.#limit - bucket.tokens;
        return {
            limit: this.#limit,
            remaining: Math.floor(bucket.tokens),
            reset: Math.ceil(now / 1000 + missing / this.#refill),
            exceeded,
        };
    }
}
