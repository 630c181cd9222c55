/** One answered request. Holds no headers and no bodies, hence no secrets. */
export interface LoggedRequest {
    readonly time: string;
    readonly method: string;
    readonly path: string;
    /** The route, for example `/servers/:id`; empty for an unknown path. */
    readonly route: string;
    /** 0 where the connection was broken on purpose. */
    readonly status: number;
    readonly milliseconds: number;
    readonly correlationId: string;
    readonly project: string | null;
}

const KEPT = 5000;

/** The last requests, and how many there were of each route. */
export class RequestLog {
    #requests: LoggedRequest[] = [];
    #counters = new Map<string, number>();

    add(request: LoggedRequest): void {
        this.#requests.push(request);
        if (this.#requests.length > KEPT) this.#requests.shift();
        const key = `${request.method} ${request.route || request.path}`;
        this.#counters.set(key, (this.#counters.get(key) ?? 0) + 1);
    }

    list(): readonly LoggedRequest[] {
        return this.#requests;
    }

    /** Requests since the last clearing, by `METHOD /route`. */
    counters(): Readonly<Record<string, number>> {
        return Object.fromEntries(
            [...this.#counters].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
        );
    }

    clear(): void {
        this.#requests = [];
        this.#counters.clear();
    }
}
