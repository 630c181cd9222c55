import type { KubernetesObject, V1PodSpec } from "@kubernetes/client-node";

export interface WorkloadOptions {
    readonly kind: "Deployment" | "DaemonSet";
    readonly namespace: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly podSpec: V1PodSpec;
    readonly annotations?: Readonly<Record<string, string>>;
}

/** A Deployment of one replica, or a DaemonSet. */
export function workload(options: WorkloadOptions): KubernetesObject {
    const { kind, namespace, name, labels, podSpec, annotations = {} } = options;
    return {
        apiVersion: "apps/v1",
        kind,
        metadata: { namespace, name, labels },
        spec: {
            ...(kind === "Deployment" ? { replicas: 1 } : {}),
            selector: { matchLabels: labels },
            template: { metadata: { labels, annotations }, spec: podSpec },
        },
    } as KubernetesObject;
}
