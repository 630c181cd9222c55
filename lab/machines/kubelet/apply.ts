import type { KubernetesObject } from "@kubernetes/client-node";
import { z } from "zod";
import { httpsRequest, type Reply } from "../control/http.ts";
import { API_SERVER_NAME, type ApiAccess } from "../control/kubeconfig.ts";

const resourcesSchema = z.object({
    resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

interface ResourceKind {
    readonly plural: string;
    readonly namespaced: boolean;
}

/** The API server refused an object. */
export class ApplyError extends Error {
    override readonly name = "ApplyError";
    readonly status: number;

    constructor(status: number, message: string) {
        super(message);
        this.status = status;
    }
}

/**
 * Server-side apply of objects exactly as they were written. The client library's typed models would drop what they
 * spell differently, for example `x-kubernetes-…` in a CustomResourceDefinition.
 */
export class ObjectApplier {
    readonly #access: ApiAccess;
    readonly #kinds = new Map<string, ResourceKind>();

    constructor(access: ApiAccess) {
        this.#access = access;
    }

    async #call(path: string, body?: KubernetesObject): Promise<Reply> {
        const { server, ca, client } = this.#access;
        const reply = await httpsRequest(`${server}${path}`, {
            ca,
            client,
            serverName: API_SERVER_NAME,
            timeout: 15_000,
            ...(body
                ? {
                      method: "PATCH" as const,
                      body,
                      headers: { "content-type": "application/apply-patch+yaml" },
                  }
                : {}),
        });
        if (reply.status < 300) return reply;
        let message = `HTTP ${reply.status}`;
        try {
            const parsed = z.object({ message: z.string() }).parse(JSON.parse(reply.body));
            message = `${reply.status} ${parsed.message}`;
        } catch {
            // The status says enough.
        }
        throw new ApplyError(reply.status, message);
    }

    async #kind(apiVersion: string, kind: string): Promise<ResourceKind> {
        const key = `${apiVersion}/${kind}`;
        const known = this.#kinds.get(key);
        if (known) return known;
        const reply = await this.#call(prefix(apiVersion));
        const { resources } = resourcesSchema.parse(JSON.parse(reply.body));
        for (const resource of resources.filter((r) => !r.name.includes("/")))
            this.#kinds.set(`${apiVersion}/${resource.kind}`, {
                plural: resource.name,
                namespaced: resource.namespaced,
            });
        const found = this.#kinds.get(key);
        if (!found)
            throw new ApplyError(404, `no matches for kind "${kind}" in version "${apiVersion}"`);
        return found;
    }

    /** Applies an object and takes over fields that others hold. @throws ApplyError */
    async apply(object: KubernetesObject, fieldManager: string): Promise<void> {
        const { apiVersion = "", kind = "", metadata = {} } = object;
        const { plural, namespaced } = await this.#kind(apiVersion, kind);
        const scope = namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
        const query = `fieldManager=${encodeURIComponent(fieldManager)}&force=true`;
        await this.#call(
            `${prefix(apiVersion)}${scope}/${plural}/${encodeURIComponent(metadata.name ?? "")}?${query}`,
            object,
        );
    }
}

function prefix(apiVersion: string): string {
    return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
