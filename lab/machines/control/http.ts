import { request } from "node:https";
import type { KeyPair } from "./pki.ts";

export interface RequestOptions {
    readonly method?: "GET" | "POST" | "PATCH";
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
    /** PEM; without it the server's certificate is not checked (as k3s fetches `/cacerts`). */
    readonly ca?: string;
    readonly client?: KeyPair;
    /** Name to check the certificate for, where it is not the address. */
    readonly serverName?: string;
    /** Milliseconds. @default 5000 */
    readonly timeout?: number;
    readonly signal?: AbortSignal;
}

export interface Reply {
    readonly status: number;
    readonly body: string;
}

/** One HTTPS request with client certificate and CA of its own. Rejects when nothing answers in time. */
export async function httpsRequest(url: string, options: RequestOptions = {}): Promise<Reply> {
    const {
        method = "GET",
        body,
        headers,
        ca,
        client,
        serverName,
        timeout = 5_000,
        signal,
    } = options;
    return await new Promise<Reply>((resolve, reject) => {
        const outgoing = request(
            url,
            {
                method,
                agent: false,
                timeout,
                headers: {
                    ...(body === undefined ? {} : { "content-type": "application/json" }),
                    ...headers,
                },
                rejectUnauthorized: ca !== undefined,
                ...(ca === undefined ? {} : { ca }),
                ...(client ? { cert: client.certificate, key: client.privateKey } : {}),
                ...(serverName ? { servername: serverName } : {}),
                ...(signal ? { signal } : {}),
            },
            (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk: Buffer) => chunks.push(chunk));
                response.on("end", () => {
                    resolve({
                        status: response.statusCode ?? 0,
                        body: Buffer.concat(chunks).toString("utf8"),
                    });
                });
                response.on("error", reject);
            },
        );
        outgoing.on("timeout", () =>
            outgoing.destroy(new Error(`${url}: no answer in ${timeout} ms`)),
        );
        outgoing.on("error", reject);
        outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
