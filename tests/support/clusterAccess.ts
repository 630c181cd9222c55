import * as kubernetes from "@pulumi/kubernetes";
import type { ClusterAccess } from "../../components/cluster/inCluster.ts";
import { ApiReady } from "../../provider/resources/cluster.ts";

/** A cluster as the components in it see one: resources `cluster-kubernetes` and `cluster-ready`. */
export function clusterAccess(): ClusterAccess {
    const ready = new ApiReady("cluster-ready", { kubeconfig: "kubeconfig of a test", epoch: 1 });
    const provider = new kubernetes.Provider("cluster-kubernetes", {
        kubeconfig: "kubeconfig of a test",
    });
    return { provider, ready };
}
