import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { hetznerLabels } from "../names.ts";

/** The cluster, as far as what stands in it is concerned. */
export interface ClusterAccess {
    readonly provider: kubernetes.Provider;
    /** Passed once the API serves; what stands in the cluster goes with it. */
    readonly ready: pulumi.Resource;
}

/** Options of every resource in the cluster: one provider, and no need of a living API when the cluster itself goes. */
export function inCluster(
    cluster: ClusterAccess,
    parent: pulumi.Resource,
): pulumi.CustomResourceOptions {
    return { parent, provider: cluster.provider, deletedWith: cluster.ready };
}

/** Labels of namespaces and objects that the program owns. */
export function clusterLabels(fqdn: string): Record<string, string> {
    return { ...hetznerLabels(fqdn), "app.kubernetes.io/managed-by": "pulumi" };
}
