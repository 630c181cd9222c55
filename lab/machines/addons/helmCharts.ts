import { createHash } from "node:crypto";
import type { KubernetesObject, V1Job } from "@kubernetes/client-node";
import { z } from "zod";

/** API group and version of HelmChart (https://docs.k3s.io/helm). */
export const HELM_GROUP = { group: "helm.cattle.io", version: "v1" } as const;

/** Image of the Job that installs a chart. */
export const KLIPPER_IMAGE = "rancher/klipper-helm";

export const helmChartSchema = z.object({
    metadata: z.object({
        name: z.string(),
        namespace: z.string(),
        uid: z.string(),
        deletionTimestamp: z.string().optional(),
    }),
    spec: z.looseObject({
        chart: z.string().default(""),
        version: z.string().default(""),
        repo: z.string().default(""),
        targetNamespace: z.string().optional(),
        createNamespace: z.boolean().default(false),
        bootstrap: z.boolean().default(false),
        chartContent: z.string().default(""),
        valuesContent: z.string().default(""),
        set: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
        backOffLimit: z.number().default(1000),
    }),
});

/** A HelmChart object, as far as the controller and its Job read it. */
export type HelmChart = z.infer<typeof helmChartSchema>;

/** Digest of what a chart's installation depends on; a change runs the Job again. */
export function chartDigest(chart: HelmChart, configValues: string): string {
    return createHash("sha256")
        .update(JSON.stringify([chart.spec, configValues]))
        .digest("hex");
}

/** Annotation of the Job that carries {@link chartDigest}. */
export const DIGEST_ANNOTATION = "helmcharts.helm.cattle.io/configHash";

/**
 * The Job that helm-controller makes for a chart, `helm-install-<name>`. Only a chart with `bootstrap: true` tolerates nodes
 * that are not ready and runs in the host's network: a network plugin without it waits for itself for ever
 * (https://docs.k3s.io/helm#helmchart-field-definitions).
 */
export function installJob(chart: HelmChart, configValues: string): V1Job & KubernetesObject {
    const { name, namespace, uid } = chart.metadata;
    const labels = { "helmcharts.helm.cattle.io/chart": name };
    return {
        apiVersion: "batch/v1",
        kind: "Job",
        metadata: {
            name: `helm-install-${name}`,
            namespace,
            labels,
            annotations: { [DIGEST_ANNOTATION]: chartDigest(chart, configValues) },
            ownerReferences: [
                {
                    apiVersion: "helm.cattle.io/v1",
                    kind: "HelmChart",
                    name,
                    uid,
                    controller: true,
                    blockOwnerDeletion: false,
                },
            ],
        },
        spec: {
            backoffLimit: chart.spec.backOffLimit,
            template: {
                metadata: { labels },
                spec: {
                    restartPolicy: "OnFailure",
                    serviceAccountName: `helm-${name}`,
                    containers: [
                        {
                            name: "helm",
                            image: KLIPPER_IMAGE,
                            args: ["install"],
                            env: [
                                { name: "NAME", value: name },
                                { name: "CHART", value: chart.spec.chart },
                                { name: "VERSION", value: chart.spec.version },
                                { name: "REPO", value: chart.spec.repo },
                                { name: "CHART_NAMESPACE", value: namespace },
                                {
                                    name: "TARGET_NAMESPACE",
                                    value: chart.spec.targetNamespace ?? namespace,
                                },
                                { name: "BOOTSTRAP", value: String(chart.spec.bootstrap) },
                            ],
                        },
                    ],
                    ...(chart.spec.bootstrap
                        ? {
                              hostNetwork: true,
                              nodeSelector: { "node-role.kubernetes.io/control-plane": "true" },
                              tolerations: [
                                  { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" },
                                  {
                                      key: "node.cloudprovider.kubernetes.io/uninitialized",
                                      operator: "Equal",
                                      value: "true",
                                      effect: "NoSchedule",
                                  },
                                  { key: "CriticalAddonsOnly", operator: "Exists" },
                                  {
                                      key: "node-role.kubernetes.io/control-plane",
                                      operator: "Exists",
                                      effect: "NoSchedule",
                                  },
                              ],
                          }
                        : {}),
                },
            },
        },
    };
}

/** What helm-controller makes beside the Job: the account that it runs as. */
export function installAccount(chart: HelmChart): KubernetesObject[] {
    const { name, namespace } = chart.metadata;
    return [
        {
            apiVersion: "v1",
            kind: "ServiceAccount",
            metadata: { name: `helm-${name}`, namespace },
        },
        {
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRoleBinding",
            metadata: { name: `helm-${namespace}-${name}` },
            roleRef: {
                apiGroup: "rbac.authorization.k8s.io",
                kind: "ClusterRole",
                name: "cluster-admin",
            },
            subjects: [{ kind: "ServiceAccount", name: `helm-${name}`, namespace }],
        } as KubernetesObject,
    ];
}
