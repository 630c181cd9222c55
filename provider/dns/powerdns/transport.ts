import type { Clock } from "../clock.ts";

/** An answer of PowerDNS that is no success. */
export class PowerDnsError extends Error {
    /** HTTP status. */
    readonly status: number;
    /** What PowerDNS says. */
    readonly reason: string;

    constructor(action: string, status: number, reason: string) {
        super(`PowerDNS refused to ${action}: ${reason} (HTTP ${status})`);
        this.name = "PowerDnsError";
        this.status = status;
        this.reason = reason;
    }

    /** What is asked for is not there. Releases before 4.9.12 and 5.0.2 say so with 422 at times. */
    get absent(): boolean {
        return (
            this.status === 404 ||
            (this.status === 422 && /could not find (?:domain|zone)/i.test(this.message))
        );
    }
}

/** PowerDNS gave no answer, or one that broke off: whether it acted is not known. */
export class PowerDnsUnreachable extends Error {
    constructor(action: string, url: string, cause: unknown) {
        super(`PowerDNS at ${url} gave no whole answer when asked to ${action}`, { cause });
        this.name = "PowerDnsUnreachable";
    }
}

/** Whether trying again may help: no answer, overload, or a backend that is busy (sqlite's "database is locked"). */
export function isRetriable(error: unknown): boolean {
    return (
        error instanceof PowerDnsUnreachable ||
        (error instanceof PowerDnsError && (error.status >= 500 || error.status === 429))
    );
}

export interface PowerDnsRequest {
    readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
    /** Below `/servers/<id>`, for example `/zones`. */
    readonly path: string;
    readonly body?: unknown;
    /** What is being done, for errors: "read the zone x.". */
    readonly action: string;
    readonly signal?: AbortSignal | undefined;
}

export interface PowerDnsAccess {
    /** Base URL up to `/api/v1`. */
    readonly url: string;
    readonly apiKey: string;
    readonly serverId: string;
    /** Milliseconds that one request may take. */
    readonly timeout: number;
    readonly clock: Clock;
}

/** Retries after the first attempt, and milliseconds before the first of them and at most before each: half a minute in all. */
const RETRIES = 7;
const FIRST_DELAY = 200;
const LONGEST_DELAY = 8000;

/** Sends one request. Always asks for JSON, since errors come as bare words otherwise. */
export async function send(access: PowerDnsAccess, request: PowerDnsRequest): Promise<unknown> {
    const { method, path, body, action, signal } = request;
    const timeout = access.clock.timeout(access.timeout);
    const base = access.url.replace(/\/+$/, "");
    let response: Response;
    let text: string;
    try {
        response = await fetch(`${base}/servers/${encodeURIComponent(access.serverId)}${path}`, {
            method,
            headers: {
                "X-API-Key": access.apiKey,
                Accept: "application/json",
                ...(body === undefined ? {} : { "Content-Type": "application/json" }),
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            // A redirection would carry the key to wherever it points.
            redirect: "manual",
            signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        });
        text = await response.text();
    } catch (error) {
        signal?.throwIfAborted();
        throw new PowerDnsUnreachable(action, base, error);
    }
    if (response.status >= 300 && response.status < 400)
        throw new PowerDnsError(
            action,
            response.status,
            `${base} redirects to ${response.headers.get("location") ?? "nowhere"}; set powerdnsUrl to where the API is`,
        );
    if (!response.ok) throw new PowerDnsError(action, response.status, reasonIn(text, response));
    if (text === "") return undefined;
    try {
        return JSON.parse(text) as unknown;
    } catch (error) {
        if (isJson(response)) throw new PowerDnsUnreachable(action, base, error);
        throw new Error(
            `${base} answered with something else than JSON when asked to ${action}: is it the PowerDNS API, up to /api/v1?`,
            { cause: error },
        );
    }
}

function isJson(response: Response): boolean {
    return response.headers.get("content-type")?.includes("json") === true;
}

/** Sends a request that may be repeated without harm, again and again while that may help, with jittered pauses. */
export async function sendRepeatedly(
    access: PowerDnsAccess,
    request: PowerDnsRequest,
): Promise<unknown> {
    return repeatedly(() => send(access, request), access.clock, request.signal);
}

/** Repeats what can be repeated without harm, with pauses that grow and are jittered. Only errors that may pass are retried. */
export async function repeatedly<T>(
    act: () => Promise<T>,
    clock: Clock,
    signal: AbortSignal = new AbortController().signal,
): Promise<T> {
    for (let attempt = 0; ; attempt++) {
        signal.throwIfAborted();
        try {
            return await act();
        } catch (error) {
            if (!isRetriable(error) || attempt === RETRIES) throw error;
            const growing = Math.min(FIRST_DELAY * 2 ** attempt, LONGEST_DELAY);
            await clock.sleep(growing * (0.5 + Math.random() / 2), signal);
        }
    }
}

/** Longest reason that is shown, in characters. */
const LONGEST_REASON = 300;

function reasonIn(text: string, response: Response): string {
    try {
        const { error, errors } = JSON.parse(text) as { error?: string; errors?: string[] };
        return [error, ...(errors ?? [])].filter(Boolean).join("; ") || "no reason given";
    } catch {
        const html = response.headers.get("content-type")?.includes("html") === true;
        const words = html ? wordsOfPage(text) : text.trim();
        return words.slice(0, LONGEST_REASON) || "no reason given";
    }
}

/** What a proxy's error page says. */
function wordsOfPage(page: string): string {
    return page
        .replaceAll(/<(style|script|title)\b.*?<\/\1>/gis, " ")
        .replaceAll(/<[^>]*>/g, " ")
        .replaceAll(/\s+/g, " ")
        .trim();
}
