import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** How an API can fail a client. "after" faults come when the request has been carried out. */
export type Fault =
    | "dropped before"
    | "dropped after"
    | "500 before"
    | "502 page before"
    | "502 page after"
    | "truncated JSON after"
    | "too slow after"
    | "absent said with 422";

/** Every fault, in the order of a table. */
export const FAULTS: readonly Fault[] = [
    "dropped before",
    "dropped after",
    "500 before",
    "502 page before",
    "502 page after",
    "truncated JSON after",
    "too slow after",
    "absent said with 422",
];

/** An error page as reverse proxies write it, with the credential of the request in it, as careless ones do. */
function errorPage(key: string): string {
    return `<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><pre>x-api-key: ${key}</pre></body></html>`;
}

/** What a request came to. */
export interface FaultyRequest {
    readonly method: string;
    readonly path: string;
}

/** A proxy in front of an HTTP API that fails one chosen request of a run, or the same request for ever. */
export class FaultyApi {
    readonly requests: FaultyRequest[] = [];
    /** Called when a request is left without an answer, which its client has to give up by itself. */
    onSilence: () => void = () => undefined;
    readonly #target: string;
    readonly #server: Server;
    #plan: { readonly fault: Fault; readonly index: number; readonly times: number } | undefined;

    private constructor(target: string) {
        this.#target = target;
        this.#server = createServer((request, response) => {
            void this.#serve(request, response);
        });
    }

    /** @param target - base URL of the API; the proxy has the same path */
    static async start(target: string): Promise<FaultyApi> {
        const api = new FaultyApi(target);
        await new Promise<void>((resolve) => {
            api.#server.listen(0, "127.0.0.1", resolve);
        });
        return api;
    }

    get url(): string {
        const { port } = this.#server.address() as AddressInfo;
        return `http://127.0.0.1:${port}${new URL(this.#target).pathname}`;
    }

    /** Counts requests anew and fails those from `index` on, `times` of them. */
    fail(fault: Fault, index: number, times: number): void {
        this.requests.length = 0;
        this.#plan = { fault, index, times };
    }

    /** Counts requests anew and fails none. */
    heal(): void {
        this.requests.length = 0;
        this.#plan = undefined;
    }

    async stop(): Promise<void> {
        this.#server.closeAllConnections();
        await new Promise((resolve) => this.#server.close(resolve));
    }

    async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const { method = "GET", url = "/" } = request;
        const body = await buffer(request);
        const index = this.requests.push({ method, path: url }) - 1;
        const plan = this.#plan;
        const fault =
            plan !== undefined && index >= plan.index && index < plan.index + plan.times
                ? plan.fault
                : undefined;
        const key = String(request.headers["x-api-key"] ?? "");
        if (fault === "dropped before") return void request.socket.destroy();
        if (fault === "500 before") {
            answer(response, 500, "application/json", '{"error": "database is locked"}');
            return;
        }
        if (fault === "502 page before") {
            answer(response, 502, "text/html", errorPage(key));
            return;
        }
        const reply = await fetch(new URL(url, this.#target), {
            method,
            headers: { "x-api-key": key, accept: "application/json" },
            ...(body.length === 0 ? {} : { body }),
        });
        const text = await reply.text();
        const type = reply.headers.get("content-type") ?? "application/json";
        switch (fault) {
            case "dropped after":
                return void request.socket.destroy();
            case "502 page after": {
                answer(response, 502, "text/html", errorPage(key));
                return;
            }
            case "truncated JSON after": {
                answer(response, reply.status, type, text.slice(0, text.length >> 1));
                return;
            }
            case "too slow after":
                this.onSilence();
                return;
            case "absent said with 422":
                // As releases before 4.9.12 and 5.0.2 do.
                if (reply.status === 404) {
                    answer(response, 422, type, '{"error": "Could not find domain"}');
                    return;
                }
        }
        answer(response, reply.status, type, text);
    }
}

function answer(response: ServerResponse, status: number, type: string, text: string): void {
    response.writeHead(status, { "Content-Type": type });
    response.end(status === 204 ? undefined : text);
}
