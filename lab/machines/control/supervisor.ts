import { createServer, type Server } from "node:https";
import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { close, listen } from "../../httpListener.ts";
import type { BootstrapData } from "./authorities.ts";
import { SUPERVISOR_PORT } from "./peers.ts";
import { issueLeaf, type KeyPair } from "./pki.ts";
import { roleOf, type ClusterPasswords, type TokenRole } from "./token.ts";

/** What a server tells the nodes that join through it; k3s' `/v1-k3s/config`. */
export const clusterConfigSchema = z.object({
    flannelBackend: z.string(),
    disableKubeProxy: z.boolean(),
    disableCloudController: z.boolean(),
    serviceLb: z.boolean(),
    clusterDomain: z.string(),
});
export type ClusterConfig = z.infer<typeof clusterConfigSchema>;

/** Names for a node's certificates. */
export const nodeCertificateRequestSchema = z.object({
    nodeName: z.string(),
    nodeIp: z.string(),
    hostAddress: z.string(),
});
export type NodeCertificateRequest = z.infer<typeof nodeCertificateRequestSchema>;

const keyPairSchema = z.object({ certificate: z.string(), privateKey: z.string() });

/** A node's certificates: its client at the API server, and its kubelet's serving one. */
export const nodeCertificatesSchema = z.object({
    client: keyPairSchema,
    serving: keyPairSchema,
    serverCa: z.string(),
});
export type NodeCertificates = z.infer<typeof nodeCertificatesSchema>;

export interface SupervisorOptions {
    readonly hostAddress: string;
    readonly data: BootstrapData;
    readonly serving: KeyPair;
    readonly passwords: ClusterPasswords;
    readonly clusterConfig: ClusterConfig;
    /** Whether the datastore serves: before, joining servers are told to come again. */
    ready(): boolean;
}

interface Answer {
    readonly status: number;
    readonly body?: unknown;
}

/** The supervisor of a k3s server: where others join. */
export class Supervisor {
    readonly #options: SupervisorOptions;
    #server: Server | undefined;

    constructor(options: SupervisorOptions) {
        this.#options = options;
    }

    async start(): Promise<void> {
        const { serving, hostAddress } = this.#options;
        const server = createServer(
            { cert: serving.certificate, key: serving.privateKey },
            (request, response) => {
                this.#answer(request).then(
                    ({ status, body }) => {
                        const text = typeof body === "string" ? body : JSON.stringify(body ?? "");
                        response.writeHead(status).end(text);
                    },
                    (error: unknown) => {
                        response.writeHead(400).end(String(error));
                    },
                );
            },
        );
        await listen(server, SUPERVISOR_PORT, hostAddress);
        this.#server = server;
    }

    async stop(): Promise<void> {
        const server = this.#server;
        this.#server = undefined;
        if (server) await close(server);
    }

    #role(request: IncomingMessage): TokenRole | undefined {
        const match = /^Basic (.+)$/.exec(request.headers.authorization ?? "");
        const text = Buffer.from(match?.[1] ?? "", "base64").toString("utf8");
        const colon = text.indexOf(":");
        if (colon < 0) return undefined;
        return roleOf(this.#options.passwords, text.slice(0, colon), text.slice(colon + 1));
    }

    async #answer(request: IncomingMessage): Promise<Answer> {
        const { data, clusterConfig } = this.#options;
        const path = request.url ?? "/";
        if (path === "/cacerts")
            return { status: 200, body: data.authorities["server-ca"].certificate };
        if (path === "/ping") return { status: 200, body: "pong" };
        const role = this.#role(request);
        if (!role) return { status: 401 };
        switch (path) {
            case "/v1-k3s/config":
                return { status: 200, body: clusterConfig };
            case "/v1-k3s/server-bootstrap":
                if (role !== "server") return { status: 403 };
                return this.#options.ready() ? { status: 200, body: data } : { status: 503 };
            case "/v1-k3s/node-certificates":
                return { status: 200, body: await this.#certificates(request) };
            default:
                return { status: 404 };
        }
    }

    async #certificates(request: IncomingMessage): Promise<NodeCertificates> {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const names = nodeCertificateRequestSchema.parse(
            JSON.parse(Buffer.concat(chunks).toString("utf8")),
        );
        return await issueNodeCertificates(this.#options.data, names);
    }
}

/**
 * A node's certificates. The client is one that may do everything: the lab's own node agent stands for kubelet, CNI and
 * packaged components in one, which on a real node have credentials of their own.
 */
export async function issueNodeCertificates(
    data: BootstrapData,
    names: NodeCertificateRequest,
): Promise<NodeCertificates> {
    const { nodeName, nodeIp, hostAddress } = names;
    return {
        client: await issueLeaf(data.authorities["client-ca"], {
            commonName: `lab:node:${nodeName}`,
            organizations: ["system:masters"],
            usages: ["client"],
        }),
        serving: await issueLeaf(data.authorities["server-ca"], {
            commonName: nodeName,
            altNames: [nodeName, "localhost", "127.0.0.1", nodeIp, hostAddress],
            usages: ["server"],
        }),
        serverCa: data.authorities["server-ca"].certificate,
    };
}
