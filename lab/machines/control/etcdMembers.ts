import { z } from "zod";
import { httpsRequest, type Reply } from "./http.ts";
import { ETCD_CLIENT_PORT } from "./peers.ts";
import type { KeyPair } from "./pki.ts";

const memberSchema = z.object({
    ID: z.string(),
    name: z.string().default(""),
    peerURLs: z.array(z.string()).default([]),
    clientURLs: z.array(z.string()).default([]),
    isLearner: z.boolean().default(false),
});

/** A member of an etcd cluster (https://etcd.io/docs/v3.6/dev-guide/api_reference_v3/#message-member-apietcdserverpbrpcproto). */
export type EtcdMember = z.infer<typeof memberSchema>;

const listSchema = z.object({ members: z.array(memberSchema) });
const errorSchema = z.object({ message: z.string() });

/** etcd answered with an error. */
export class EtcdError extends Error {
    override readonly name = "EtcdError";
}

/** Member API of one etcd server, through its JSON gateway. */
export class EtcdMembers {
    readonly #host: string;
    readonly #ca: string;
    readonly #client: KeyPair;

    constructor(host: string, ca: string, client: KeyPair) {
        this.#host = host;
        this.#ca = ca;
        this.#client = client;
    }

    async #call(path: string, body: unknown): Promise<Reply> {
        const reply = await httpsRequest(`https://${this.#host}:${ETCD_CLIENT_PORT}${path}`, {
            method: "POST",
            body,
            ca: this.#ca,
            client: this.#client,
        });
        if (reply.status === 200) return reply;
        let message = `HTTP ${reply.status}`;
        try {
            message = errorSchema.parse(JSON.parse(reply.body)).message;
        } catch {
            // The status says enough.
        }
        throw new EtcdError(message);
    }

    async list(): Promise<EtcdMember[]> {
        const reply = await this.#call("/v3/cluster/member/list", { linearizable: true });
        return listSchema.parse(JSON.parse(reply.body)).members;
    }

    async addLearner(peerUrl: string): Promise<void> {
        await this.#call("/v3/cluster/member/add", { peerURLs: [peerUrl], isLearner: true });
    }

    async promote(id: string): Promise<void> {
        await this.#call("/v3/cluster/member/promote", { ID: id });
    }

    async remove(id: string): Promise<void> {
        await this.#call("/v3/cluster/member/remove", { ID: id });
    }

    /** Whether the server is healthy, with a leader. */
    async healthy(): Promise<boolean> {
        try {
            const reply = await httpsRequest(`https://${this.#host}:${ETCD_CLIENT_PORT}/health`, {
                ca: this.#ca,
                client: this.#client,
                timeout: 2_000,
            });
            return reply.status === 200;
        } catch {
            return false;
        }
    }
}
