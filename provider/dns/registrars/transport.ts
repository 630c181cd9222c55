import type { Clock } from "../clock.ts";
import { RegistrarRefused, RegistrarUnavailable } from "./failures.ts";

/** A request to a registrar's API. */
export interface RegistrarRequest {
    readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    /** What is being done, for errors: "read the name servers of x.". */
    readonly action: string;
}

/** What came back, before anybody has judged it. */
export interface RegistrarAnswer {
    /** HTTP status. */
    readonly status: number;
    readonly text: string;
    /** Milliseconds that a `Retry-After` asks for; undefined where there is none. */
    readonly retryAfter: number | undefined;
}

/** Milliseconds that all attempts together may take. */
const BUDGET = 6 * 60_000;

/** Milliseconds before the second attempt, and at most before each; in between it doubles. */
const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;

/** Milliseconds to rest after a 429 that does not say for how long, and the longest rest that anybody may ask for. */
const RATE_PAUSE = 60_000;
const LONGEST_PAUSE = 5 * 60_000;

/** What a transport works with. */
export interface RegistrarTransportParts {
    readonly clock: Clock;
    /** Ends every request and wait. */
    readonly signal: AbortSignal;
    /** Milliseconds that one request may take. */
    readonly requestTimeout: number;
}

/** Sends requests to a registrar, and turns what is no answer of its API into errors that tell whether to ask again. */
export class RegistrarTransport {
    /** Name of the registrar, for people. */
    readonly registrar: string;
    readonly #parts: RegistrarTransportParts;

    constructor(registrar: string, parts: RegistrarTransportParts) {
        this.registrar = registrar;
        this.#parts = parts;
    }

    /** Milliseconds since 1970. */
    now(): number {
        return this.#parts.clock.now();
    }

    /** Sends a request once. Throws {@link RegistrarUnavailable} where nothing arrives; nothing of the URL is ever in it. */
    async send({ method, url, headers, body, action }: RegistrarRequest): Promise<RegistrarAnswer> {
        const { clock, signal, requestTimeout } = this.#parts;
        const timeout = clock.timeout(requestTimeout);
        try {
            const response = await fetch(url, {
                method,
                ...(headers === undefined ? {} : { headers }),
                ...(body === undefined ? {} : { body }),
                redirect: "error",
                signal: AbortSignal.any([signal, timeout]),
            });
            const wait = Number(response.headers.get("retry-after") ?? Number.NaN);
            return {
                status: response.status,
                text: await response.text(),
                retryAfter: Number.isFinite(wait) ? wait * 1000 : undefined,
            };
        } catch (error) {
            signal.throwIfAborted();
            throw new RegistrarUnavailable(this.registrar, action, "the connection failed", {
                outcome: "unknown",
                cause: onTheLine(error),
            });
        }
    }

    /** The JSON in an answer; undefined where it is empty. Throws where there is something else, as a proxy's page. */
    json(action: string, { status, text }: RegistrarAnswer): unknown {
        if (text.trim() === "") return undefined;
        try {
            return JSON.parse(text) as unknown;
        } catch {
            throw this.unreadable(action, status, "JSON");
        }
    }

    /** The error for an answer that is not of the API. */
    unreadable(action: string, status: number, expected: string): Error {
        const reason = `it sent no ${expected} (HTTP ${status})`;
        if (status < 300 || status >= 500)
            return new RegistrarUnavailable(this.registrar, action, reason, { outcome: "unknown" });
        if (status === 429) return this.#tooMany(action, reason, undefined);
        return new RegistrarRefused(this.registrar, action, status, reason);
    }

    /** The error for what the API itself says is wrong. */
    failure(
        action: string,
        { status, retryAfter }: Pick<RegistrarAnswer, "status" | "retryAfter">,
        code: number | string,
        reason: string,
    ): Error {
        if (status === 429) return this.#tooMany(action, reason, retryAfter);
        if (status >= 500)
            return new RegistrarUnavailable(this.registrar, action, reason, { outcome: "unknown" });
        return new RegistrarRefused(this.registrar, action, code, reason);
    }

    /**
     * Repeats `act` while it fails with {@link RegistrarUnavailable} and the budget lasts, with pauses that grow, are as long as was
     * asked for, and are never exactly those of anybody else.
     */
    async persistently<T>(act: () => Promise<T>): Promise<T> {
        const deadline = this.now() + BUDGET;
        for (let attempt = 0; ; attempt++) {
            try {
                return await act();
            } catch (error) {
                if (!(error instanceof RegistrarUnavailable) || this.now() > deadline) throw error;
                const growing = Math.min(FIRST_DELAY * 2 ** attempt, LONGEST_DELAY);
                await this.rest(error.pause + growing * (0.5 + Math.random() / 2));
            }
        }
    }

    /** Waits for as many milliseconds; ends early with the call's own end. */
    async rest(milliseconds: number): Promise<void> {
        await this.#parts.clock.sleep(milliseconds, this.#parts.signal);
    }

    #tooMany(action: string, reason: string, retryAfter: number | undefined): Error {
        return new RegistrarUnavailable(this.registrar, action, reason, {
            outcome: "not done",
            pause: Math.min(retryAfter ?? RATE_PAUSE, LONGEST_PAUSE),
        });
    }
}

/** What went wrong on the line, and not where it led. */
function onTheLine(error: unknown): Error | undefined {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (cause instanceof Error && cause.name === "TimeoutError") return new Error("it timed out");
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    return code === undefined ? undefined : new Error(code);
}
