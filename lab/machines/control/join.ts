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

/**
 * The first peer, in the given order, that serves the cluster of the token; `undefined` where none does. One with another
 * root is what is left of an earlier epoch.
 *
 * @param token - the node's own
 * @param leaveAlone - gets each peer of another cluster
 * @throws Error with k3s' own words where the token is malformed
 */
export async function findPeer(
    peers: readonly string[],
    resolver: PeerResolver,
    token: string,
    leaveAlone: (privateIp: string, reason: string) => void = () => undefined,
): Promise<LivePeer | undefined> {
    const own = parseToken(token);
    for (const privateIp of peers) {
        const hostAddress = resolver.resolve(privateIp);
        const ca = hostAddress && (await servedCa(hostAddress));
        if (!ca) continue;
        try {
            checkCaHash(own, ca);
            return { privateIp, hostAddress, ca };
        } catch (error) {
            leaveAlone(privateIp, error instanceof Error ? error.message : String(error));
        }
    }
    return undefined;
}

/** The CA bundle that a server serves, PEM; `undefined` where it does not answer. */
async function servedCa(hostAddress: string): Promise<string | undefined> {
    try {
        const reply = await httpsRequest(`https://${hostAddress}:${SUPERVISOR_PORT}/cacerts`, {
            timeout: 2_000,
        });
        return reply.status === 200 ? reply.body : undefined;
    } catch {
        return undefined;
    }
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
