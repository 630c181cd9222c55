import type { z } from "zod";
import { bootstrapDataSchema, type BootstrapData } from "./authorities.ts";
import { httpsRequest } from "./http.ts";
import { API_SERVER_NAME } from "./kubeconfig.ts";
import { SUPERVISOR_PORT, type PeerResolver } from "./peers.ts";
import {
    clusterConfigSchema,
    nodeCertificatesSchema,
    type ClusterConfig,
    type NodeCertificateRequest,
    type NodeCertificates,
} from "./supervisor.ts";
import { checkCaHash, parseToken, type JoinToken } from "./token.ts";

/** A peer that answers. */
export interface LivePeer {
    readonly privateIp: string;
    readonly hostAddress: string;
    /** The CA bundle that it serves, PEM. */
    readonly ca: string;
}

/** The first peer, in the given order, that serves its CA; `undefined` where none does. */
export async function findPeer(
    peers: readonly string[],
    resolver: PeerResolver,
): Promise<LivePeer | undefined> {
    for (const privateIp of peers) {
        const hostAddress = resolver.resolve(privateIp);
        if (hostAddress === undefined) continue;
        try {
            const reply = await httpsRequest(`https://${hostAddress}:${SUPERVISOR_PORT}/cacerts`, {
                timeout: 2_000,
            });
            if (reply.status === 200) return { privateIp, hostAddress, ca: reply.body };
        } catch {
            // The next one may answer.
        }
    }
    return undefined;
}

/** Talks to a peer's supervisor with a checked token. */
export class JoinClient {
    readonly peer: LivePeer;
    readonly #token: JoinToken;

    /** @throws Error with k3s' own words where the token is malformed or speaks of another CA */
    constructor(peer: LivePeer, token: string) {
        this.peer = peer;
        this.#token = parseToken(token);
        checkCaHash(this.#token, peer.ca);
    }

    async #get<T extends z.ZodType>(
        path: string,
        schema: T,
        defaultUser: string,
        body?: unknown,
    ): Promise<z.output<T>> {
        const user = this.#token.username || defaultUser;
        const credentials = Buffer.from(`${user}:${this.#token.password}`).toString("base64");
        const reply = await httpsRequest(
            `https://${this.peer.hostAddress}:${SUPERVISOR_PORT}${path}`,
            {
                ca: this.peer.ca,
                serverName: API_SERVER_NAME,
                headers: { authorization: `Basic ${credentials}` },
                ...(body === undefined ? {} : { method: "POST" as const, body }),
            },
        );
        if (reply.status !== 200)
            throw new Error(
                `https://${this.peer.privateIp}:6443${path}: ${reply.status} ${STATUS[reply.status] ?? ""}`.trim(),
            );
        return schema.parse(JSON.parse(reply.body));
    }

    /** For servers: the cluster's bootstrap data. */
    async bootstrapData(): Promise<BootstrapData> {
        return await this.#get("/v1-k3s/server-bootstrap", bootstrapDataSchema, "server");
    }

    async clusterConfig(): Promise<ClusterConfig> {
        return await this.#get("/v1-k3s/config", clusterConfigSchema, "node");
    }

    async nodeCertificates(request: NodeCertificateRequest): Promise<NodeCertificates> {
        return await this.#get(
            "/v1-k3s/node-certificates",
            nodeCertificatesSchema,
            "node",
            request,
        );
    }
}

const STATUS: Readonly<Record<number, string>> = {
    401: "Unauthorized",
    403: "Forbidden",
    503: "Service Unavailable",
};
