import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { stringify } from "yaml";
import { podAddress } from "../../addresses.ts";
import type { Disk } from "../boot/disk.ts";
import { BOOT_FILES } from "../../../components/cluster/bootFiles.ts";
import { ClusterClient } from "../kubelet/client.ts";
import type { BootstrapData } from "./authorities.ts";
import type { ApiAccess } from "./kubeconfig.ts";
import { EGRESS_PORT } from "./peers.ts";
import { issueLeaf } from "./pki.ts";

/** Guest path of the API server's egress configuration. */
export const EGRESS_CONFIG = "/var/lib/rancher/k3s/server/etc/egress-selector-config.yaml";

/**
 * Sends what the API server asks of kubelets and pods (webhooks, among others) through a proxy, as k3s does
 * (`pkg/daemons/control/server.go` `genEgressSelectorConfig`).
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/setup-konnectivity/
 */
export function egressConfiguration(disk: Disk, hostAddress: string): string {
    const tls = (file: string) => disk.path(`${BOOT_FILES.tlsDirectory}/${file}`);
    return stringify({
        apiVersion: "apiserver.k8s.io/v1beta1",
        kind: "EgressSelectorConfiguration",
        egressSelections: [
            {
                name: "cluster",
                connection: {
                    proxyProtocol: "HTTPConnect",
                    transport: {
                        tcp: {
                            url: `https://${hostAddress}:${EGRESS_PORT}`,
                            tlsConfig: {
                                caBundle: tls("server-ca.crt"),
                                clientCert: tls("client-kube-apiserver.crt"),
                                clientKey: tls("client-kube-apiserver.key"),
                            },
                        },
                    },
                },
            },
        ],
    });
}

/** Addresses of the lab are reached as they are: a kubelet is asked at its node's host address. */
const isLabAddress = (host: string): boolean => host.startsWith("127.");

/** Where in the lab the programs of a pod listen, by the pod's address. Undefined where there is no such pod. */
async function hostOfPod(client: ClusterClient, podIp: string): Promise<string | undefined> {
    const { items } = await client.core.listPodForAllNamespaces({
        fieldSelector: `status.podIP=${podIp}`,
    });
    const pod = items.find(({ metadata }) => metadata?.deletionTimestamp === undefined);
    const nodeName = pod?.spec?.nodeName;
    if (nodeName === undefined) return undefined;
    const { status } = await client.core.readNode({ name: nodeName });
    const host = status?.addresses?.find(({ type }) => type === "InternalDNS")?.address;
    if (host === undefined) return undefined;
    return pod?.spec?.hostNetwork === true ? host : podAddress(host);
}

/**
 * Serves HTTP CONNECT for the API server of one control plane, and for nobody else: kube-proxy and CNI, as far as it needs them.
 *
 * @returns what closes it
 */
export async function startEgressProxy(
    hostAddress: string,
    access: ApiAccess,
    { authorities }: BootstrapData,
): Promise<() => Promise<void>> {
    const client = new ClusterClient(access);
    const sockets = new Set<Duplex>();
    const serving = await issueLeaf(authorities["server-ca"], {
        commonName: "egress",
        altNames: [hostAddress],
        usages: ["server"],
    });
    const server = createServer(
        {
            cert: serving.certificate,
            key: serving.privateKey,
            ca: authorities["client-ca"].certificate,
            requestCert: true,
        },
        (_request, response) => {
            response.writeHead(405).end();
        },
    );
    server.on("connect", (request: IncomingMessage, socket: Duplex) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        socket.on("error", () => socket.destroy());
        void tunnel(client, request.url ?? "", socket).catch((error: unknown) => {
            const reason = error instanceof Error ? error.message : String(error);
            socket.end(`HTTP/1.1 502 ${reason.replaceAll(/[\r\n]+/g, " ")}\r\n\r\n`);
        });
    });
    server.listen({ host: hostAddress, port: EGRESS_PORT });
    await once(server, "listening");
    return async () => {
        for (const socket of sockets) socket.destroy();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
    };
}

async function tunnel(client: ClusterClient, authority: string, socket: Duplex): Promise<void> {
    const { hostname, port } = new URL(`http://${authority}`);
    const host = isLabAddress(hostname) ? hostname : await hostOfPod(client, hostname);
    if (host === undefined) throw new Error(`nothing has the address ${hostname}`);
    const target: Socket = connect({ host, port: Number(port || 80) });
    await once(target, "connect");
    target.on("error", () => socket.destroy());
    target.once("close", () => socket.destroy());
    socket.once("close", () => target.destroy());
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.pipe(target).pipe(socket);
}
