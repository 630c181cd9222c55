import type { AccountStore } from "./accountStore.ts";
import { RATE_LIMIT_TEXT } from "./exchange.ts";
import type { Exchange, ServiceFailure, WireReply } from "./exchange.ts";
import { recordsOf } from "./restBodies.ts";
import type { RestOperation } from "./restOperations.ts";
import { validSignature } from "./restSignature.ts";
import type { DynadotSwitches } from "./switches.ts";
import type { VirtualClock } from "./virtualClock.ts";

/** A request below `/restful/v2`. */
export interface RestRequest {
    readonly operation: RestOperation;
    readonly subject: string;
    /** Path and query as received. */
    readonly url: string;
    /** Names and values alternating, names as the client spelled them. */
    readonly rawHeaders: readonly string[];
    readonly body: Buffer;
    readonly client: string;
}

/** What the RESTful API answers from. */
export interface RestParts {
    readonly store: AccountStore;
    readonly clock: VirtualClock;
    readonly switches: () => DynadotSwitches;
    /** The secret of a key that is valid, or undefined. */
    readonly secretOf: (key: string) => string | undefined;
}

const REASONS: Readonly<Record<number, string>> = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    503: "Service Unavailable",
};

/** A request of the RESTful API v2: a bearer key, a signature over the raw bytes, and one envelope around everything. */
export function restExchange(request: RestRequest, parts: RestParts): Exchange {
    const { operation, body } = request;
    const authorization = header(request.rawHeaders, "Authorization", false);
    const key = /^Bearer (.+)$/i.exec(authorization)?.[1] ?? "";
    const code = (value: number) =>
        parts.switches().restCode === "string" ? String(value) : value;
    const refused = (status: number, description: string, httpStatus = status): WireReply => ({
        status: httpStatus,
        contentType: "application/json",
        body: JSON.stringify({
            code: code(status),
            message: REASONS[status] ?? "Error",
            error: { description },
        }),
        refused: description,
    });
    return {
        api: "rest",
        operation: operation.name,
        method: operation.method,
        url: request.url,
        body: body.toString("utf8"),
        client: request.client,
        key,
        authenticate: () => {
            // These two come with HTTP status 200, the first one as plain text.
            if (authorization === "")
                return {
                    ...refused(400, "The Authorization header not entered", 200),
                    contentType: "text/plain",
                };
            const secret = parts.secretOf(key);
            if (secret === undefined) return refused(401, "invalid api key");
            const signature = header(request.rawHeaders, "X-Signature", false);
            if (signature === "")
                return operation.signed === true
                    ? refused(400, "This command requires X-Signature", 200)
                    : undefined;
            const exact = parts.switches().exactRequestIdHeader;
            const requestId = header(request.rawHeaders, "X-Request-ID", exact);
            const signed = { key, pathAndQuery: request.url, requestId, body };
            return validSignature(secret, signed, signature)
                ? undefined
                : refused(400, "the X-Signature provided is not valid");
        },
        perform: async ({ staleSeconds, lateSeconds } = {}) => {
            const switches = parts.switches();
            const { subject } = request;
            const call = { subject, body, switches, now: parts.clock.now() };
            const data = operation.writes
                ? await parts.store.change((account) => operation.run(account, call), lateSeconds)
                : operation.run(parts.store.read(staleSeconds ?? switches.staleReadSeconds), call);
            return {
                status: 200,
                contentType: "application/json",
                body: JSON.stringify({
                    code: code(200),
                    message: "Success",
                    ...(data === undefined ? {} : { data }),
                }),
                replacedAll: operation.name === "set_dns2" && !recordsOf(body, switches).append,
            };
        },
        fail: (failure) => failed(failure, refused),
        refuse: (refusal) => refused(refusal.status, refusal.message),
    };
}

/** A header's value; with `exact`, only where its name is spelled as given. */
function header(raw: readonly string[], name: string, exact: boolean): string {
    for (let i = 0; i + 1 < raw.length; i += 2) {
        const found = raw[i] ?? "";
        if (exact ? found === name : found.toLowerCase() === name.toLowerCase())
            return raw[i + 1] ?? "";
    }
    return "";
}

function failed(
    failure: ServiceFailure,
    refused: (status: number, description: string) => WireReply,
): WireReply {
    switch (failure) {
        case "rate":
            return refused(429, RATE_LIMIT_TEXT);
        case "concurrency":
            return refused(
                429,
                "Too many requests. The maximum allowed requests within the concurrent limit is exceeded.",
            );
        case "system-busy":
            return refused(503, "system busy");
        case "main-server":
            return refused(503, "problem with connection to main server");
        case "address":
            return refused(403, "The request is not allowed from the current IP address");
    }
}
