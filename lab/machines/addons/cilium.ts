import type { KubernetesObject } from "@kubernetes/client-node";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { ClusterClient } from "../kubelet/client.ts";
import { runsImage, type NodeProgram } from "../kubelet/programs.ts";
import { startIngressListener } from "../ingress/listener.ts";
import { CILIUM_CUSTOM_RESOURCES } from "./customResources.ts";
import { workload } from "./workloads.ts";

/** Image of Cilium's agent. */
export const CILIUM_IMAGE = "quay.io/cilium/cilium";

/** Chart values of Cilium that the lab acts on, with the chart's defaults (cilium 1.19 `values.yaml`). */
export const ciliumValuesSchema = z.object({
    k8sServiceHost: z.string().default(""),
    kubeProxyReplacement: z.union([z.boolean(), z.string()]).default(false),
    ingressController: z
        .object({
            enabled: z.boolean().default(false),
            default: z.boolean().default(false),
            loadbalancerMode: z.string().default("dedicated"),
            enableProxyProtocol: z.boolean().default(false),
            enforceHttps: z.boolean().default(true),
            hostNetwork: z
                .object({
                    enabled: z.boolean().default(false),
                    sharedListenerPort: z.number().default(8080),
                })
                .prefault({}),
        })
        .prefault({}),
});
export type CiliumValues = z.infer<typeof ciliumValuesSchema>;

/** The ConfigMap that carries the chart's values to the agents. */
const CONFIG = { namespace: "kube-system", name: "cilium-config" } as const;

/** What the chart creates, as far as anything in the lab sees it. */
export function ciliumObjects(version: string, values: CiliumValues): KubernetesObject[] {
    const tag = version === "" ? "" : `:v${version.replace(/^v/, "")}`;
    const annotations = { "cilium.io/cilium-configmap": stringify(values) };
    const { ingressController } = values;
    return [
        ...CILIUM_CUSTOM_RESOURCES,
        {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: CONFIG,
            data: { "values.yaml": stringify(values) },
        } as KubernetesObject,
        ...(ingressController.enabled
            ? [
                  {
                      apiVersion: "networking.k8s.io/v1",
                      kind: "IngressClass",
                      metadata: {
                          name: "cilium",
                          annotations: ingressController.default
                              ? { "ingressclass.kubernetes.io/is-default-class": "true" }
                              : {},
                      },
                      spec: { controller: "cilium.io/ingress-controller" },
                  } as KubernetesObject,
              ]
            : []),
        workload({
            kind: "DaemonSet",
            namespace: "kube-system",
            name: "cilium",
            labels: { "k8s-app": "cilium" },
            annotations,
            podSpec: {
                hostNetwork: true,
                priorityClassName: "system-node-critical",
                tolerations: [{ operator: "Exists" }],
                containers: [{ name: "cilium-agent", image: `${CILIUM_IMAGE}${tag}` }],
            },
        }),
        workload({
            kind: "Deployment",
            namespace: "kube-system",
            name: "cilium-operator",
            labels: { name: "cilium-operator" },
            podSpec: {
                hostNetwork: true,
                priorityClassName: "system-cluster-critical",
                tolerations: [{ operator: "Exists" }],
                containers: [
                    { name: "cilium-operator", image: `quay.io/cilium/operator-generic${tag}` },
                ],
            },
        }),
    ];
}

/** The values that the installed chart's agents run with. */
async function installedValues(client: ClusterClient): Promise<CiliumValues> {
    const config = await client.core.readNamespacedConfigMap(CONFIG);
    return ciliumValuesSchema.parse(parse(config.data?.["values.yaml"] ?? "{}"));
}

/** Plays Cilium's agent on a node: it makes the node's network ready and serves the shared ingress. */
export const ciliumAgent: NodeProgram = {
    name: "cilium-agent",
    matches: (pod) => runsImage(pod, CILIUM_IMAGE),
    async start(context) {
        const values = await installedValues(context.client);
        // Without kube-proxy nothing leads to the API's service address until Cilium runs
        // (https://docs.cilium.io/en/stable/network/kubernetes/kubeproxy-free/).
        if (!context.kubeProxy && values.k8sServiceHost === "")
            throw new Error(
                "Unable to contact k8s api-server: the node has no kube-proxy and the chart's value k8sServiceHost is not set",
            );
        const { ingressController } = values;
        const stopListener =
            ingressController.enabled && ingressController.hostNetwork.enabled
                ? await startIngressListener({
                      client: context.client,
                      host: context.hostAddress,
                      port: ingressController.hostNetwork.sharedListenerPort,
                      portOffset: context.portOffset,
                      proxyProtocol: ingressController.enableProxyProtocol,
                      enforceHttps: ingressController.enforceHttps,
                      defaultClass: ingressController.default,
                      print: context.print,
                  })
                : undefined;
        context.setCniReady(true);
        return async () => {
            context.setCniReady(false);
            await stopListener?.();
        };
    },
};
