import { request } from "node:https";
import { connect } from "node:net";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import type { V1Node } from "@kubernetes/client-node";

/** The API of the cluster that a kubeconfig leads to, and the address that it names. */
export function clusterOf(kubeconfig: string): {
    readonly core: CoreV1Api;
    readonly server: string;
} {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    return {
        core: config.makeApiClient(CoreV1Api),
        server: config.getCurrentCluster()?.server ?? "",
    };
}

/** Whether a node's condition `Ready` is true. */
export function isReady({ status }: V1Node): boolean {
    return (status?.conditions ?? []).some((c) => c.type === "Ready" && c.status === "True");
}

/** The data of a Secret by key, decoded. */
export async function secretData(
    core: CoreV1Api,
    namespace: string,
    name: string,
): Promise<Record<string, string>> {
    const { data = {} } = await core.readNamespacedSecret({ namespace, name });
    return Object.fromEntries(
        Object.entries(data).map(([k, v]) => [k, Buffer.from(v, "base64").toString()]),
    );
}

/** Helm's records of releases, as `<namespace>/<release>` with its status. */
export async function helmReleases(core: CoreV1Api): Promise<string[]> {
    const { items } = await core.listSecretForAllNamespaces({ labelSelector: "owner=helm" });
    return items
        .filter(({ type }) => type === "helm.sh/release.v1")
        .map(({ metadata }) => {
            const { name, status } = metadata?.labels ?? {};
            return `${metadata?.namespace}/${name} ${status}`;
        })
        .sort();
}

/** Where and how to ask for a page. */
export interface PageRequest {
    readonly host: string;
    /** Address that the name is taken to have. */
    readonly address: string;
    readonly port: number;
    /** PEM. */
    readonly ca: string;
}

/**
 * Asks for `/` over TLS by name, at an address given; resolves to the status.
 *
 * @throws Error when the certificate is not of `ca` or not for the name
 */
export function pageStatus({ host, address, port, ca }: PageRequest): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
        const asked = request(
            {
                host,
                port,
                ca,
                agent: false,
                timeout: 10_000,
                lookup: (_name, { all }, found) => {
                    if (all === true) found(null, [{ address, family: 4 }]);
                    else found(null, address, 4);
                },
            },
            (response) => {
                response.resume();
                resolve(response.statusCode);
            },
        );
        asked.on("timeout", () => asked.destroy(new Error(`${host} did not answer`)));
        asked.on("error", reject);
        asked.end();
    });
}

/** The first line that a server says, after what is said to it. */
export function firstLine(address: string, port: number, said: string): Promise<string> {
    return new Promise((resolve, reject) => {
        let text = "";
        const socket = connect({ host: address, port, timeout: 10_000 }, () => socket.write(said));
        socket.on("data", (chunk: Buffer) => {
            text += chunk.toString();
            const end = text.indexOf("\r\n");
            if (end < 0) return;
            resolve(text.slice(0, end));
            socket.destroy();
        });
        socket.on("timeout", () => socket.destroy(new Error(`${address}:${port} says nothing`)));
        socket.on("error", reject);
        socket.on("close", () => {
            reject(new Error(`${address}:${port} closed the connection after: ${text}`));
        });
    });
}
