import pRetry, { AbortError } from "p-retry";
import { z } from "zod";

/** How to reach the Hetzner Cloud API. */
export interface HetznerAccess {
    /** Base including `/v1`, without a trailing slash. */
    readonly endpoint: string;
    readonly token: string;
}

const errorBody = z.looseObject({ error: z.looseObject({ code: z.string() }) });

/** Milliseconds for one answer. */
const TIMEOUT = 30_000;

export interface HetznerRequestOptions {
    readonly signal: AbortSignal;
    readonly body?: unknown;
    /** Codes of errors that pass by themselves, beside the service's own troubles. */
    readonly passing?: readonly string[];
    /** How often it is repeated. @default 3 */
    readonly retries?: number;
}

/**
 * Asks the Hetzner Cloud API, and repeats what may be repeated (https://docs.hetzner.cloud/reference/cloud#errors).
 *
 * @param path - below the endpoint, without a leading slash
 * @throws Error with the status and Hetzner's code, never with the token; 404 is an answer
 */
export async function hetznerRequest(
    { endpoint, token }: HetznerAccess,
    method: "GET" | "POST" | "DELETE",
    path: string,
    { signal, body, passing = [], retries = 3 }: HetznerRequestOptions,
): Promise<{ readonly status: number; readonly body: unknown }> {
    return await pRetry(
        async () => {
            const response = await fetch(`${endpoint}/${path}`, {
                method,
                headers: {
                    authorization: `Bearer ${token}`,
                    accept: "application/json",
                    ...(body === undefined ? {} : { "content-type": "application/json" }),
                },
                ...(body === undefined ? {} : { body: JSON.stringify(body) }),
                signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
            });
            const { status } = response;
            const answer: unknown = await response.json().catch(() => undefined);
            if (response.ok || status === 404) return { status, body: answer };
            const parsed = errorBody.safeParse(answer);
            const code = parsed.success ? parsed.data.error.code : undefined;
            const error = new Error(
                `Hetzner API: ${method === "GET" ? "" : `${method} `}/${path.split("?")[0] ?? ""} answered ${status}${code === undefined ? "" : ` (${code})`}` +
                    (status === 401
                        ? "; set a valid token: `pulumi config set --secret hcloud:token …`"
                        : ""),
            );
            const passes = status === 429 || status >= 500 || passing.includes(code ?? "");
            throw passes ? error : new AbortError(error);
        },
        { retries, minTimeout: 500, maxTimeout: 5_000, randomize: true, signal },
    );
}
