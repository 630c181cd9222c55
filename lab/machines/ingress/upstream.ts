import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { labPort, podAddress } from "../../addresses.ts";
import type { WorkloadStandIn } from "../../parts.ts";
import type { ClusterClient } from "../kubelet/client.ts";
import type { Backend } from "./backends.ts";

/** Finds the address at which a backend's pod really answers; undefined for one of which kwok only says that it runs. */
export type FindPlayed = (namespace: string, backend: Backend) => Promise<string | undefined>;

/** Asks the API about each pod once for each node that it runs on, and takes what it said while it is away. */
export function findPlayed(
    client: ClusterClient,
    standIns: readonly WorkloadStandIn[],
): FindPlayed {
    const servers = standIns.filter((standIn) => "start" in standIn);
    const known = new Map<string, string | undefined>();
    const ask: FindPlayed = async (namespace, { pod: name, node: nodeName }) => {
        const pod = await client.core.readNamespacedPod({ namespace, name });
        if (!servers.some((standIn) => standIn.matches(pod))) return undefined;
        const node = await client.core.readNode({ name: nodeName });
        const host = node.status?.addresses?.find(({ type }) => type === "InternalDNS")?.address;
        return host === undefined ? undefined : podAddress(host);
    };
    return async (namespace, backend) => {
        const key = `${namespace}/${backend.pod} ${backend.node}`;
        if (servers.length > 0 && !known.has(key))
            try {
                known.set(key, await ask(namespace, backend));
            } catch {
                // Nothing is known of it, and it is asked again.
            }
        return known.get(key);
    };
}

/** Hands a request on to a pod and its answer back, as envoy does; 503 in its words where nothing answers. */
export function handOn(
    request: IncomingMessage,
    response: ServerResponse,
    upstream: { readonly host: string; readonly port: number; readonly portOffset: number },
): void {
    const { host, portOffset } = upstream;
    const { method, url: path, headers } = request;
    const port = labPort(upstream.port, portOffset);
    const forwarded = httpRequest({ host, port, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, { ...answer.headers, server: "envoy" });
        answer.pipe(response);
    });
    forwarded.on("error", () => {
        if (!response.headersSent) response.writeHead(503, { "content-type": "text/plain" });
        response.end("upstream connect error or disconnect/reset before headers");
    });
    request.pipe(forwarded);
}
