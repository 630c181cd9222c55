import { createServer } from "node:http";
import type { Server } from "node:http";
import type { V1Pod } from "@kubernetes/client-node";
import { z } from "zod";
import { labPort, podAddress } from "../addresses.ts";
import { close, listen } from "../httpListener.ts";
import { runsImage } from "../machines/kubelet/programs.ts";
import type { PodView, ServerStandIn } from "../parts.ts";

const IMAGE = "quay.io/jetstack/cert-manager-acmesolver";

/** Where a proof of a name is looked for (RFC 8555, 8.3). */
const CHALLENGE_PATH = "/.well-known/acme-challenge/";

const argumentsSchema = z.object({
    "listen-port": z.coerce.number().int().positive(),
    domain: z.string().min(1),
    token: z.string().min(1),
    key: z.string().min(1),
});

/** The container's arguments, as cert-manager writes them: `--domain=console.example`. Throws what the program would die of. */
function argumentsOf({ spec }: V1Pod) {
    const pairs = (spec?.containers[0]?.args ?? []).map((argument) => {
        const [, name = "", value = ""] = /^--([^=]+)=(.*)$/.exec(argument) ?? [];
        return [name, value] as const;
    });
    return argumentsSchema.parse(Object.fromEntries(pairs));
}

/** One name's proof, by host and path. */
interface Proof {
    readonly domain: string;
    readonly token: string;
    readonly key: string;
}

/** Proofs that are served at one address, and what serves them. */
class ProofServer {
    readonly proofs = new Set<Proof>();
    readonly listening: Promise<void>;
    readonly #server: Server;

    constructor(host: string, port: number) {
        this.#server = createServer((request, response) => {
            const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
            const domain = (request.headers.host ?? "").replace(/:\d+$/, "");
            response.setHeader("cache-control", "no-cache, no-store, must-revalidate");
            if (path === "/" || path === "/healthz") response.writeHead(200).end();
            else {
                const proof = [...this.proofs].find(
                    (known) =>
                        known.domain === domain && `${CHALLENGE_PATH}${known.token}` === path,
                );
                if (proof === undefined) response.writeHead(404).end();
                else response.writeHead(200, { "content-type": "text/plain" }).end(proof.key);
            }
        });
        this.listening = listen(this.#server, port, host);
    }

    async close(): Promise<void> {
        await this.listening;
        await close(this.#server);
    }
}

/**
 * Plays cert-manager's acmesolver, which answers one HTTP-01 challenge: the key for its token at its host, 404 for all else. All solvers of a
 * machine share an address, so that one server gives the proofs of all of them; upstream's program takes a port on every address of its machine.
 */
export class AcmeSolver implements ServerStandIn {
    readonly name = "acmesolver";
    readonly #portOffset: number;
    readonly #servers = new Map<string, ProofServer>();

    constructor(portOffset: number) {
        this.#portOffset = portOffset;
    }

    matches(pod: V1Pod): boolean {
        return runsImage(pod, IMAGE);
    }

    async start({ pod, hostAddress }: PodView): Promise<() => Promise<void>> {
        const { "listen-port": port, ...proof } = argumentsOf(pod);
        const host = podAddress(hostAddress);
        const key = `${host}:${port}`;
        const server =
            this.#servers.get(key) ?? new ProofServer(host, labPort(port, this.#portOffset));
        this.#servers.set(key, server);
        server.proofs.add(proof);
        const stop = async () => {
            server.proofs.delete(proof);
            if (server.proofs.size > 0 || this.#servers.get(key) !== server) return;
            this.#servers.delete(key);
            await server.close();
        };
        try {
            await server.listening;
        } catch (error) {
            this.#servers.delete(key);
            throw error;
        }
        return stop;
    }
}
