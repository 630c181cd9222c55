import { setTimeout as delay } from "node:timers/promises";
import pRetry from "p-retry";
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

/** Milliseconds that one request may take. */
const REQUEST_TIMEOUT = 30_000;

/** Retries after the first attempt, and milliseconds before the first and at most before each of them. */
const RETRIES = 6;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;

/** Milliseconds to rest after a 429 that does not say for how long, and the longest rest that anybody may ask for. */
const RATE_PAUSE = 60_000;
const LONGEST_PAUSE = 5 * 60_000;

/** Sends requests to a registrar, and turns what is no answer of its API into errors that tell whether to ask again. */
export class RegistrarTransport {
    /** Name of the registrar, for people. */
    readonly registrar: string;
    readonly signal: AbortSignal;

    constructor(registrar: string, signal: AbortSignal) {
        this.registrar = registrar;
        this.signal = signal;
    }

    /** Sends a request once. Throws {@link RegistrarUnavailable} where nothing arrives; nothing of the URL is ever in it. */
    async send({ method, url, headers, body, action }: RegistrarRequest): Promise<RegistrarAnswer> {
        const timeout = AbortSignal.timeout(REQUEST_TIMEOUT);
        try {
            const response = await fetch(url, {
                method,
                ...(headers === undefined ? {} : { headers }),
                ...(body === undefined ? {} : { body }),
                redirect: "error",
                signal: AbortSignal.any([this.signal, timeout]),
            });
            const wait = Number(response.headers.get("retry-after") ?? Number.NaN);
            return {
                status: response.status,
                text: await response.text(),
                retryAfter: Number.isFinite(wait) ? wait * 1000 : undefined,
            };
        } catch (error) {
            this.signal.throwIfAborted();
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

    /** Repeats `act` while it fails with {@link RegistrarUnavailable}, with jittered pauses, and with those that were asked for. */
    persistently<T>(act: () => Promise<T>): Promise<T> {
        return pRetry(act, {
            retries: RETRIES,
            minTimeout: FIRST_DELAY,
            maxTimeout: LONGEST_DELAY,
            randomize: true,
            signal: this.signal,
            shouldRetry: ({ error }) => error instanceof RegistrarUnavailable,
            onFailedAttempt: async ({ error, retriesLeft }) => {
                if (error instanceof RegistrarUnavailable && retriesLeft > 0)
                    await this.rest(error.pause);
            },
        });
    }

    /** Waits for as many milliseconds; ends early with the call's own end. */
    async rest(milliseconds: number): Promise<void> {
        await delay(milliseconds, undefined, { signal: this.signal });
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
