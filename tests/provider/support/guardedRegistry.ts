import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that a {@link GuardedRegistry} saw. */
export interface RegistryRequest {
    readonly path: string;
    readonly authorization: string | undefined;
}

/** What a registry asks for before it shows anything. */
export type Guard =
    | { readonly kind: "open" }
    | { readonly kind: "basic"; readonly authorization: string }
    | {
          readonly kind: "bearer";
          /** Where it sends for a token; its own `/token` unless given. */
          readonly realm?: string;
          /** What `/token` wants to see; anybody gets one unless given. */
          readonly authorization?: string;
      }
    | { readonly kind: "redirect"; readonly to: string };

const TOKEN = "token-of-one-pull";

/** Stands before a real registry on loopback and asks for credentials, as the distribution spec has it. Keeps what it is asked. */
export class GuardedRegistry {
    guard: Guard = { kind: "open" };
    readonly requests: RegistryRequest[] = [];
    readonly #upstream: string;
    readonly #server: Server;

    private constructor(upstream: string) {
        this.#upstream = upstream;
        this.#server = createServer((request, response) => {
            void this.#answer(request, response);
        });
    }

    /** @param upstream - origin of the registry behind it */
    static async start(upstream: string): Promise<GuardedRegistry> {
        const registry = new GuardedRegistry(upstream);
        await new Promise<void>((resolve) => {
            registry.#server.listen(0, "127.0.0.1", resolve);
        });
        return registry;
    }

    get host(): string {
        return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    }

    stop(): void {
        this.#server.closeAllConnections();
        this.#server.close();
    }

    async #answer({ url = "/", headers }: IncomingMessage, response: ServerResponse) {
        const { authorization } = headers;
        this.requests.push({ path: url, authorization });
        if (url.startsWith("/token?")) {
            this.#giveToken(authorization, response);
            return;
        }
        const challenge = this.#challenge(authorization);
        if (challenge !== undefined) {
            response.writeHead(401, { "www-authenticate": challenge }).end();
            return;
        }
        if (this.guard.kind === "redirect") {
            response.writeHead(307, { location: this.guard.to }).end();
            return;
        }
        const answer = await fetch(new URL(url, this.#upstream), {
            headers: { accept: headers.accept ?? "" },
        });
        response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
    }

    #challenge(authorization: string | undefined): string | undefined {
        const { guard } = this;
        if (guard.kind === "basic" && authorization !== guard.authorization)
            return 'Basic realm="charts"';
        if (guard.kind === "bearer" && authorization !== `Bearer ${TOKEN}`)
            return `Bearer realm="${guard.realm ?? `http://${this.host}/token`}",service="registry.test",scope="repository:charts/sample:pull,push"`;
        return undefined;
    }

    #giveToken(authorization: string | undefined, response: ServerResponse): void {
        const wanted = this.guard.kind === "bearer" ? this.guard.authorization : undefined;
        if (wanted !== undefined && authorization !== wanted) {
            response.writeHead(401).end();
            return;
        }
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ token: TOKEN }));
    }
}
