import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** A request that went through. */
export interface SeenRequest {
    readonly method: string;
    readonly path: string;
    readonly body: string;
}

interface Failure {
    readonly status: number;
    readonly body: string;
    times: number;
    matches(request: SeenRequest): boolean;
}

/** Stands between the provider and an HTTP API: keeps what is asked, loses answers and fails on demand. */
export class CountingProxy {
    readonly requests: SeenRequest[] = [];
    readonly #target: string;
    readonly #server: Server;
    #lost: { method: string; times: number } | undefined;
    #failure: Failure | undefined;

    private constructor(target: string) {
        this.#target = target;
        this.#server = createServer((request, response) => {
            void this.#pass(request, response);
        });
    }

    /** @param target - base URL of the API; the proxy has the same path */
    static async start(target: string): Promise<CountingProxy> {
        const proxy = new CountingProxy(target);
        await new Promise<void>((resolve) => {
            proxy.#server.listen(0, "127.0.0.1", resolve);
        });
        return proxy;
    }

    get url(): string {
        const { port } = this.#server.address() as AddressInfo;
        return `http://127.0.0.1:${port}${new URL(this.#target).pathname}`;
    }

    /** The next `times` requests with the method are carried out, but their answers never arrive. */
    loseAnswers(method: string, times: number): void {
        this.#lost = { method, times };
    }

    /** The next `times` requests are answered so, without being carried out. */
    failWith(status: number, body: unknown, times: number): void {
        this.#failure = { status, body: JSON.stringify(body), times, matches: () => true };
    }

    /** Every request that `matches` is answered so, without being carried out. */
    failWhen(matches: (request: SeenRequest) => boolean, status: number, body: unknown): void {
        this.#failure = { status, body: JSON.stringify(body), times: Infinity, matches };
    }

    async stop(): Promise<void> {
        this.#server.closeAllConnections();
        await new Promise((resolve) => this.#server.close(resolve));
    }

    async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const { method = "GET", url = "/" } = request;
        const body = (await buffer(request)).toString("utf8");
        const seen = { method, path: url, body };
        this.requests.push(seen);
        if (this.#failure !== undefined && this.#failure.times > 0 && this.#failure.matches(seen)) {
            this.#failure.times--;
            response.writeHead(this.#failure.status, { "Content-Type": "application/json" });
            response.end(this.#failure.body);
            return;
        }
        const answer = await fetch(new URL(url, this.#target), {
            method,
            headers: { ...headersOf(request), accept: "application/json" },
            ...(body === "" ? {} : { body }),
        });
        const text = await answer.text();
        if (this.#lost?.method === method && this.#lost.times > 0) {
            this.#lost.times--;
            request.socket.destroy();
            return;
        }
        response.writeHead(answer.status, { "Content-Type": "application/json" });
        response.end(text === "" || answer.status === 204 ? undefined : text);
    }
}

const PASSED_ON = ["x-api-key", "content-type", "authorization", "x-signature"];

function headersOf(request: IncomingMessage): Record<string, string> {
    return Object.fromEntries(
        PASSED_ON.flatMap((name) => {
            const value = request.headers[name];
            return typeof value === "string" ? [[name, value]] : [];
        }),
    );
}
