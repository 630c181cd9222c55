import { createHash } from "node:crypto";
import type { KubernetesObject } from "@kubernetes/client-node";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { ClusterClient } from "../kubelet/client.ts";
import { runsImage, type NodeProgram, type ProgramContext } from "../kubelet/programs.ts";
import { startGatewayController } from "../gateway/controller.ts";
import { startGatewayListeners } from "../gateway/listeners.ts";
import { CONTROLLER } from "../gateway/watchGateways.ts";
import { startIngressListener } from "../ingress/listener.ts";
import { CILIUM_CUSTOM_RESOURCES } from "./customResources.ts";
import { workload } from "./workloads.ts";

/** Image of Cilium's agent. */
export const CILIUM_IMAGE = "quay.io/cilium/cilium";

/** Image of Cilium's operator. */
const OPERATOR_IMAGE = "quay.io/cilium/operator-generic";

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
    gatewayAPI: z
        .object({
            enabled: z.boolean().default(false),
            enableProxyProtocol: z.boolean().default(false),
            hostNetwork: z.object({ enabled: z.boolean().default(false) }).prefault({}),
        })
        .prefault({}),
    rollOutCiliumPods: z.boolean().default(false),
    operator: z
        .looseObject({
            replicas: z.number().default(2),
            rollOutPods: z.boolean().default(false),
        })
        .prefault({}),
});
export type CiliumValues = z.infer<typeof ciliumValuesSchema>;

/** The ConfigMap that carries the chart's values to the agents. */
const CONFIG = { namespace: "kube-system", name: "cilium-config" } as const;

/**
 * What the chart creates, as far as anything in the lab sees it.
 *
 * @param gatewayClasses - whether the cluster serves the kind GatewayClass, which the chart asks Helm's capabilities for
 */
export function ciliumObjects(
    version: string,
    values: CiliumValues,
    gatewayClasses = false,
): KubernetesObject[] {
    const tag = version === "" ? "" : `:v${version.replace(/^v/, "")}`;
    // Pods are rolled by a digest of the configuration, and only where the values ask for it.
    const digest = createHash("sha256").update(stringify(values)).digest("hex");
    const rolled = (wanted: boolean): Record<string, string> =>
        wanted ? { "cilium.io/cilium-configmap-checksum": digest } : {};
    const { ingressController, gatewayAPI } = values;
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
        ...(gatewayAPI.enabled && gatewayClasses
            ? [
                  {
                      apiVersion: "gateway.networking.k8s.io/v1",
                      kind: "GatewayClass",
                      metadata: { name: "cilium" },
                      spec: { controllerName: CONTROLLER },
                  } as KubernetesObject,
              ]
            : []),
        workload({
            kind: "DaemonSet",
            namespace: "kube-system",
            name: "cilium",
            labels: { "k8s-app": "cilium" },
            annotations: rolled(values.rollOutCiliumPods),
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
            annotations: rolled(values.operator.rollOutPods),
            podSpec: {
                hostNetwork: true,
                priorityClassName: "system-cluster-critical",
                tolerations: [{ operator: "Exists" }],
                containers: [{ name: "cilium-operator", image: `${OPERATOR_IMAGE}${tag}` }],
            },
        }),
    ];
}

/** The values that the installed chart's agents run with. */
async function installedValues(client: ClusterClient): Promise<CiliumValues> {
    const config = await client.core.readNamespacedConfigMap(CONFIG);
    return ciliumValuesSchema.parse(parse(config.data?.["values.yaml"] ?? "{}"));
}

/** Plays Cilium's operator, as far as it is the controller of Gateways. */
export const ciliumOperator: NodeProgram = {
    name: "cilium-operator",
    matches: (pod) => runsImage(pod, OPERATOR_IMAGE),
    async start({ client, print }) {
        const { gatewayAPI } = await installedValues(client);
        return gatewayAPI.enabled
            ? await startGatewayController(client, print)
            : () => Promise.resolve();
    },
};

/** Plays Cilium's agent on a node: it makes the node's network ready and serves the shared ingress and Gateways. */
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
        const stops = await startListeners(values, context);
        context.setCniReady(true);
        // The plugin's configuration stays on the node while an agent is restarted: the node stays ready.
        return async () => {
            for (const stop of stops) await stop();
        };
    },
};

async function startListeners(
    { ingressController, gatewayAPI }: CiliumValues,
    { client, hostAddress, portOffset, standIns, print }: ProgramContext,
): Promise<(() => Promise<void>)[]> {
    const stops: (() => Promise<void>)[] = [];
    if (ingressController.enabled && ingressController.hostNetwork.enabled)
        stops.push(
            await startIngressListener({
                client,
                host: hostAddress,
                port: ingressController.hostNetwork.sharedListenerPort,
                portOffset,
                proxyProtocol: ingressController.enableProxyProtocol,
                enforceHttps: ingressController.enforceHttps,
                defaultClass: ingressController.default,
                standIns,
            }),
        );
    if (gatewayAPI.enabled && gatewayAPI.hostNetwork.enabled)
        stops.push(
            await startGatewayListeners({
                client,
                host: hostAddress,
                portOffset,
                proxyProtocol: gatewayAPI.enableProxyProtocol,
                standIns,
                print,
            }),
        );
    return stops;
}
