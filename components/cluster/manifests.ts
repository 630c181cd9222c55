import { stringify } from "yaml";
import { ADMIN_GROUP } from "../names.ts";
import { INGRESS_NODE_PORT, PORTS } from "../ports.ts";

/** k3s listens here on every node, control plane or worker, and leads to a living API server. */
const LOCAL_API_PORT = 6444;

/** Gives the group of the admin certificate all rights. Unlike `system:masters` they can be taken away again. */
export function adminBindingManifest(): string {
    return stringify({
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: "sovereign-admins" },
        roleRef: {
            apiGroup: "rbac.authorization.k8s.io",
            kind: "ClusterRole",
            name: "cluster-admin",
        },
        subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: ADMIN_GROUP }],
    });
}

export interface CiliumArgs {
    /** Chart version, for example `1.19.6`. */
    readonly version: string;
    readonly chartRepository: string;
    /** How many nodes the cluster has: a second operator needs a second one. */
    readonly nodeCount: number;
}

/**
 * Cilium as a HelmChart of k3s' own controller, so that the network is there before anything else needs it
 * (https://docs.k3s.io/helm, https://docs.cilium.io/en/stable/helm-reference/).
 */
export function ciliumManifest(args: CiliumArgs): string {
    return stringify({
        apiVersion: "helm.cattle.io/v1",
        kind: "HelmChart",
        metadata: { name: "cilium", namespace: "kube-system" },
        spec: {
            repo: args.chartRepository,
            chart: "cilium",
            version: args.version,
            targetNamespace: "kube-system",
            bootstrap: true,
            valuesContent: stringify(ciliumValues(args)),
        },
    });
}

/** Chart values of Cilium. */
export function ciliumValues(args: CiliumArgs) {
    return {
        kubeProxyReplacement: true,
        k8sServiceHost: "127.0.0.1",
        k8sServicePort: LOCAL_API_PORT,
        ipam: { mode: "kubernetes" },
        routingMode: "tunnel",
        tunnelProtocol: "vxlan",
        encryption: { enabled: true, type: "wireguard" },
        // Traffic of pods passes the host's packet filter, where the metadata address is closed to them.
        bpf: { hostLegacyRouting: true },
        operator: { replicas: Math.min(2, args.nodeCount) },
        ingressController: {
            enabled: true,
            default: true,
            loadbalancerMode: "shared",
            enableProxyProtocol: PORTS.https.proxyProtocol,
            hostNetwork: { enabled: true, sharedListenerPort: INGRESS_NODE_PORT },
        },
    };
}
