import type { V1Node, V1Service } from "@kubernetes/client-node";
import { MERGE, describe, type ClusterClient } from "../kubelet/client.ts";

/** Milliseconds between two looks. */
const INTERVAL = 2_000;

/** Addresses of a LoadBalancer Service under k3s' ServiceLB: the external ones of all ready nodes, or where none has any the internal ones. */
export function serviceAddresses(nodes: readonly V1Node[]): string[] {
    const ready = nodes.filter((node) =>
        node.status?.conditions?.some((c) => c.type === "Ready" && c.status === "True"),
    );
    const of = (type: string) =>
        ready.flatMap((node) =>
            (node.status?.addresses ?? []).filter((a) => a.type === type).map((a) => a.address),
        );
    const external = of("ExternalIP");
    return (external.length > 0 ? external : of("InternalIP")).sort();
}

/** Plays k3s' ServiceLB (https://docs.k3s.io/networking/networking-services#service-load-balancer); not started where it is disabled. */
export function startServiceLoadBalancer(
    client: ClusterClient,
    print: (line: string) => void,
): () => void {
    let last = "";
    const look = async () => {
        const services = await client.core.listServiceForAllNamespaces();
        const wanting = services.items.filter(
            (s: V1Service) => s.spec?.type === "LoadBalancer" && !s.spec.loadBalancerClass,
        );
        if (wanting.length === 0) return;
        const nodes = await client.core.listNode();
        const ips = serviceAddresses(nodes.items);
        for (const service of wanting) {
            const found = (service.status?.loadBalancer?.ingress ?? [])
                .map((i) => i.ip ?? "")
                .sort();
            if (found.join() === ips.join()) continue;
            await client.core.patchNamespacedServiceStatus(
                {
                    namespace: service.metadata?.namespace ?? "",
                    name: service.metadata?.name ?? "",
                    body: {
                        status: {
                            loadBalancer: { ingress: ips.map((ip) => ({ ip, ipMode: "VIP" })) },
                        },
                    },
                },
                MERGE,
            );
        }
    };
    const timer = setInterval(() => {
        look().catch((error: unknown) => {
            const message = describe(error);
            if (message !== last) print(`servicelb: ${message}`);
            last = message;
        });
    }, INTERVAL);
    return () => {
        clearInterval(timer);
    };
}
