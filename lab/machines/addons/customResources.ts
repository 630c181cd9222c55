import type { KubernetesObject } from "@kubernetes/client-node";

interface CustomResource {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
    readonly plural: string;
    readonly shortNames?: readonly string[];
    readonly scope?: "Namespaced" | "Cluster";
}

const ANYTHING = { type: "object", "x-kubernetes-preserve-unknown-fields": true } as const;

/** A CustomResourceDefinition that keeps whatever it is given, with a status. */
export function customResourceDefinition(resource: CustomResource): KubernetesObject {
    const { group, version, kind, plural, shortNames = [], scope = "Namespaced" } = resource;
    return {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: `${plural}.${group}` },
        spec: {
            group,
            scope,
            names: { kind, plural, singular: kind.toLowerCase(), shortNames },
            versions: [
                {
                    name: version,
                    served: true,
                    storage: true,
                    subresources: { status: {} },
                    schema: {
                        openAPIV3Schema: {
                            type: "object",
                            properties: { spec: ANYTHING, status: ANYTHING },
                            "x-kubernetes-preserve-unknown-fields": true,
                        },
                    },
                },
            ],
        },
    } as KubernetesObject;
}

/** What a k3s server defines before it deploys anything (helm-controller and the deploy controller). */
export const K3S_CUSTOM_RESOURCES: readonly KubernetesObject[] = [
    customResourceDefinition({
        group: "helm.cattle.io",
        version: "v1",
        kind: "HelmChart",
        plural: "helmcharts",
    }),
    customResourceDefinition({
        group: "helm.cattle.io",
        version: "v1",
        kind: "HelmChartConfig",
        plural: "helmchartconfigs",
    }),
    customResourceDefinition({
        group: "k3s.cattle.io",
        version: "v1",
        kind: "Addon",
        plural: "addons",
    }),
];

/** What Cilium's operator defines when it starts (https://docs.cilium.io/en/stable/network/kubernetes/concepts/). */
export const CILIUM_CUSTOM_RESOURCES: readonly KubernetesObject[] = [
    ["CiliumNetworkPolicy", "ciliumnetworkpolicies", ["cnp"], "Namespaced"],
    ["CiliumClusterwideNetworkPolicy", "ciliumclusterwidenetworkpolicies", ["ccnp"], "Cluster"],
    ["CiliumEndpoint", "ciliumendpoints", ["cep"], "Namespaced"],
    ["CiliumIdentity", "ciliumidentities", ["ciliumid"], "Cluster"],
    ["CiliumNode", "ciliumnodes", ["cn"], "Cluster"],
].map(([kind, plural, shortNames, scope]) =>
    customResourceDefinition({
        group: "cilium.io",
        version: "v2",
        kind: kind as string,
        plural: plural as string,
        shortNames: shortNames as string[],
        scope: scope as "Namespaced" | "Cluster",
    }),
);
