import type { V1EndpointSlice, V1Ingress, V1Secret } from "@kubernetes/client-node";
import { DiscoveryV1Api } from "@kubernetes/client-node";
import type { ClusterClient } from "../kubelet/client.ts";
import { isCiliumIngress, type Route } from "./routes.ts";

/** A pod that a Service leads to. */
export interface Backend {
    readonly pod: string;
    readonly node: string;
    readonly address: string;
    /** Port of the pod. */
    readonly port: number;
}

/** What the listener knows of the cluster, kept current by watches: it serves on while the API is away. */
export interface IngressState {
    ingresses(): readonly V1Ingress[];
    backends(route: Route): readonly Backend[];
    secret(namespace: string, name: string): V1Secret | undefined;
    stop(): Promise<void>;
}

/** The ready backends of a Service among endpoint slices. */
export function readyBackends(
    slices: readonly V1EndpointSlice[],
    route: Pick<Route, "namespace" | "service"> & Partial<Pick<Route, "port">>,
): Backend[] {
    return slices
        .filter(
            (s) =>
                s.metadata?.namespace === route.namespace &&
                s.metadata.labels?.["kubernetes.io/service-name"] === route.service,
        )
        .flatMap((slice) => {
            // Null, both of them, where the Service's pods are not there yet, whatever their types say.
            const endpoints = slice.endpoints ?? [];
            const ports = slice.ports ?? [];
            const port = ports.find(({ name }) => name === route.port) ?? ports[0];
            return endpoints
                .filter((endpoint) => endpoint.conditions?.ready !== false)
                .map((endpoint) => ({
                    pod: endpoint.targetRef?.name ?? "",
                    node: endpoint.nodeName ?? "",
                    address: endpoint.addresses[0] ?? "",
                    port: port?.port ?? 0,
                }));
        });
}

/** Watches what the shared ingress needs. */
export async function watchIngressState(
    client: ClusterClient,
    defaultClass: boolean,
): Promise<IngressState> {
    const discovery = client.config.makeApiClient(DiscoveryV1Api);
    const nothing = () => undefined;
    const [ingresses, slices, secrets] = await Promise.all([
        client.watch<V1Ingress>(
            "/apis/networking.k8s.io/v1/ingresses",
            () => client.networking.listIngressForAllNamespaces(),
            nothing,
        ),
        client.watch<V1EndpointSlice>(
            "/apis/discovery.k8s.io/v1/endpointslices",
            () => discovery.listEndpointSliceForAllNamespaces(),
            nothing,
        ),
        client.watch<V1Secret>(
            "/api/v1/secrets",
            () =>
                client.core.listSecretForAllNamespaces({ fieldSelector: "type=kubernetes.io/tls" }),
            nothing,
            { fieldSelector: "type=kubernetes.io/tls" },
        ),
    ]);
    return {
        ingresses: () => ingresses.list().filter((i) => isCiliumIngress(i, defaultClass)),
        backends: (route) => readyBackends(slices.list(), route),
        secret: (namespace, name) => secrets.get(name, namespace),
        stop: async () => {
            await Promise.all([ingresses.stop(), slices.stop(), secrets.stop()]);
        },
    };
}
