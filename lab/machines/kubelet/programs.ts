import type { V1Pod } from "@kubernetes/client-node";
import type { WorkloadStandIn } from "../../parts.ts";
import type { ClusterClient } from "./client.ts";

/** What a program that runs in a Pod of the machine can reach. */
export interface ProgramContext {
    readonly pod: V1Pod;
    readonly client: ClusterClient;
    readonly nodeName: string;
    readonly hostAddress: string;
    /** The machine's public IPv4 address; absent where it has none. */
    readonly egressAddress?: string;
    /** Whether k3s runs kube-proxy on the node. */
    readonly kubeProxy: boolean;
    readonly portOffset: number;
    /** What plays the cluster's workloads. */
    readonly standIns: readonly WorkloadStandIn[];
    /** Told by the CNI's agent on the node. */
    readonly setCniReady: (ready: boolean) => void;
    readonly print: (line: string) => void;
}

/** Plays the containers of a packaged component, whose Pods are what they are on a real node. */
export interface NodeProgram {
    readonly name: string;
    matches(pod: V1Pod): boolean;
    /** Resolves to what ends it. Throws what the container would die of. */
    start(context: ProgramContext): Promise<() => Promise<void>>;
}

/** Whether a container of the Pod runs an image of this repository, whatever its tag. */
export function runsImage(pod: V1Pod, repository: string): boolean {
    return (pod.spec?.containers ?? []).some((c) => {
        const image = c.image ?? "";
        return (
            image === repository ||
            image.startsWith(`${repository}:`) ||
            image.startsWith(`${repository}@`)
        );
    });
}
