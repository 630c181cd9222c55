import type { AccountLock } from "./accountLock.ts";
import type { Clock } from "../clock.ts";
import { DynadotUnavailable, failureOf, noAnswer } from "./failures.ts";
import { signature } from "./signature.ts";

export interface DynadotAccess {
    /** Base URL of both APIs. */
    readonly url: string;
    readonly apiKey: string;
    readonly apiSecret: string;
}

export interface DynadotRequest {
    readonly method: "GET" | "POST" | "PUT" | "DELETE";
    /** Below `/restful/v2`. */
    readonly path: string;
    readonly body?: unknown;
    /** What is being done, for errors: "read the name servers of x". */
    readonly action: string;
}

/** Milliseconds that all attempts together may take. */
const BUDGET = 6 * 60_000;

/** What a transport works with. */
export interface DynadotTransportParts {
    readonly lock: AccountLock;
    readonly clock: Clock;
    /** Ends every request and wait. */
    readonly signal: AbortSignal;
    /** Milliseconds that one request may take. */
    readonly requestTimeout: number;
}

/** Sends requests to Dynadot, one at a time and not too often. Used inside {@link AccountLock.exclusively} only. */
export class DynadotTransport {
    readonly #access: DynadotAccess;
    readonly #parts: DynadotTransportParts;

    constructor(access: DynadotAccess, parts: DynadotTransportParts) {
        this.#access = access;
        this.#parts = parts;
    }

    /** Sends a request of the RESTful API once, signed. Resolves to the answer's `data`. */
    async send({ method, path, body, action }: DynadotRequest): Promise<unknown> {
        const pathAndQuery = `/restful/v2${path}`;
        const bytes = body === undefined ? "" : JSON.stringify(body);
        const { apiKey, apiSecret } = this.#access;
        const { status, text } = await this.#fetch(action, pathAndQuery, {
            method,
            headers: {
                Accept: "application/json",
                "Content-Type": "application/json",
                Authorization: `Bearer ${apiKey}`,
                "X-Signature": signature(apiSecret, { key: apiKey, pathAndQuery, body: bytes }),
            },
            ...(bytes === "" ? {} : { body: bytes }),
        });
        const envelope = parsed(action, status, text) as {
            code?: number | string;
            message?: string;
            error?: { description?: string };
            data?: unknown;
        };
        // An error may come with HTTP status 200 and say so in the body alone; its code is a number or a text.
        const code = Number(envelope.code ?? status);
        if (status !== 200 || code !== 200) {
            const reason = envelope.error?.description ?? envelope.message ?? "no reason given";
            throw await this.#failure(action, code === 200 ? status : code, reason);
        }
        return envelope.data;
    }

    /** Sends a command of API3, whose key travels in the URL: nothing of the URL ever gets into an error. */
    async command(
        command: string,
        root: string,
        parameters: Readonly<Record<string, string>>,
        action: string,
    ): Promise<void> {
        const query = new URLSearchParams({ key: this.#access.apiKey, command, ...parameters });
        const { status, text } = await this.#fetch(action, `/api3.json?${query.toString()}`, {
            method: "GET",
        });
        const answer = parsed(action, status, text) as Record<
            string,
            { ResponseCode?: number | string; Status?: string; Error?: string } | undefined
        >;
        const outcome = answer[root] ?? answer.Response;
        if (String(outcome?.ResponseCode) !== "0")
            throw await this.#failure(
                action,
                400,
                outcome?.Error ?? outcome?.Status ?? "no reason given",
            );
    }

    /** Sends a request that only reads, again and again while that may help. */
    async read(request: DynadotRequest): Promise<unknown> {
        return this.persistently(() => this.send(request));
    }

    /** Repeats `act` while it fails with {@link DynadotUnavailable} and the budget lasts. */
    async persistently<T>(act: () => Promise<T>): Promise<T> {
        const { clock } = this.#parts;
        const deadline = clock.now() + BUDGET;
        for (let attempt = 0; ; attempt++) {
            try {
                return await act();
            } catch (error) {
                if (!(error instanceof DynadotUnavailable) || clock.now() > deadline) throw error;
                await this.pause(error.pause, attempt);
            }
        }
    }

    /** Waits before the next attempt: longer each time, and never exactly as long as anybody else. */
    async pause(base: number, attempt: number): Promise<void> {
        const growing = Math.min(base * 2 ** Math.min(attempt, 4), 60_000);
        const jittered = Math.max(base, growing * (0.5 + Math.random() / 2));
        await this.#parts.clock.sleep(jittered, this.#parts.signal);
    }

    /** Whoever uses the account next keeps to the pause as well. */
    async #failure(action: string, status: number, reason: string): Promise<Error> {
        const failure = failureOf(action, status, reason);
        if (failure instanceof DynadotUnavailable && failure.forEverybody)
            await this.#parts.lock.rest(failure.pause);
        return failure;
    }

    async #fetch(
        action: string,
        pathAndQuery: string,
        init: RequestInit,
    ): Promise<{ readonly status: number; readonly text: string }> {
        const { lock, clock, signal, requestTimeout } = this.#parts;
        await lock.pace(signal);
        const timeout = clock.timeout(requestTimeout);
        try {
            const response = await fetch(this.#access.url.replace(/\/+$/, "") + pathAndQuery, {
                ...init,
                signal: AbortSignal.any([signal, timeout]),
            });
            return { status: response.status, text: await response.text() };
        } catch (error) {
            signal.throwIfAborted();
            throw noAnswer(action, "the connection failed", withoutUrl(error));
        }
    }
}

function parsed(action: string, status: number, text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        if (status >= 500 || status === 200)
            throw noAnswer(action, `it sent no JSON (HTTP ${status})`);
        throw failureOf(action, status, text.trim().slice(0, 200) || "no reason given");
    }
}

/** A cause that says what went wrong on the line, and not where it led. */
function withoutUrl(error: unknown): Error | undefined {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    if (cause instanceof Error && cause.name === "TimeoutError") return new Error("it timed out");
    return code === undefined ? undefined : new Error(code);
}
