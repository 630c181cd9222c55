/** Counts events by key over a sliding time, and says when there are too many. */
export class RateLimiter {
    readonly #count: number;
    readonly #period: number;
    readonly #now: () => number;
    readonly #events = new Map<string, number[]>();

    /**
     * @param count - events of one key that are allowed in a period
     * @param period - milliseconds
     * @param now - milliseconds since some beginning
     */
    constructor(count: number, period: number, now: () => number = () => performance.now()) {
        this.#count = count;
        this.#period = period;
        this.#now = now;
    }

    /** Counts an event if it is allowed, and says whether it is. */
    allow(key: string): boolean {
        const now = this.#now();
        const recent = (this.#events.get(key) ?? []).filter((at) => now - at < this.#period);
        const allowed = recent.length < this.#count;
        if (allowed) recent.push(now);
        this.#events.set(key, recent);
        return allowed;
    }
}
