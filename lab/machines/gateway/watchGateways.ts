import type {
    KubernetesListObject,
    KubernetesObject,
    V1Namespace,
    V1Secret,
} from "@kubernetes/client-node";
import type { ClusterClient } from "../kubelet/client.ts";
import type { ClusterFacts } from "./attachment.ts";
import {
    GATEWAY_GROUP,
    gatewayClassSchema,
    gatewaySchema,
    parseObjects,
    referenceGrantSchema,
    routeSchema,
} from "./objects.ts";
import type { Gateway, GatewayClass, Route } from "./objects.ts";

/** `controllerName` of the class that Cilium serves. */
export const CONTROLLER = "io.cilium/gateway-controller";

/** The Gateway API's objects and what they refer to, kept current by watches. */
export interface GatewayState extends ClusterFacts {
    classes(): readonly GatewayClass[];
    /** Gateways of Cilium's classes. */
    gateways(): readonly Gateway[];
    routes(): readonly Route[];
    secret(namespace: string, name: string): V1Secret | undefined;
    stop(): Promise<void>;
}

/** Watches what a controller or proxy of Gateways needs. */
export async function watchGateways(
    client: ClusterClient,
    changed: () => void = () => undefined,
): Promise<GatewayState> {
    const custom = (version: string, plural: string) =>
        client.watch<KubernetesObject>(
            `/apis/${GATEWAY_GROUP}/${version}/${plural}`,
            async () =>
                (await client.custom.listCustomObjectForAllNamespaces({
                    group: GATEWAY_GROUP,
                    version,
                    resourcePlural: plural,
                })) as KubernetesListObject<KubernetesObject>,
            changed,
        );
    const [classes, gateways, routes, grants, namespaces, secrets] = await Promise.all([
        custom("v1", "gatewayclasses"),
        custom("v1", "gateways"),
        custom("v1", "httproutes"),
        custom("v1beta1", "referencegrants"),
        client.watch<V1Namespace>("/api/v1/namespaces", () => client.core.listNamespace(), changed),
        client.watch<V1Secret>(
            "/api/v1/secrets",
            () =>
                client.core.listSecretForAllNamespaces({ fieldSelector: "type=kubernetes.io/tls" }),
            changed,
            { fieldSelector: "type=kubernetes.io/tls" },
        ),
    ]);
    const ours = () =>
        parseObjects(gatewayClassSchema, classes.list()).filter(
            ({ spec }) => spec.controllerName === CONTROLLER,
        );
    return {
        classes: ours,
        gateways: () => {
            const names = ours().map(({ metadata }) => metadata.name);
            return parseObjects(gatewaySchema, gateways.list()).filter(({ spec }) =>
                names.includes(spec.gatewayClassName),
            );
        },
        routes: () => parseObjects(routeSchema, routes.list()),
        get grants() {
            return parseObjects(referenceGrantSchema, grants.list());
        },
        namespaceLabels: (name) => namespaces.get(name)?.metadata?.labels ?? {},
        hasCertificate: (namespace, name) => {
            const data = secrets.get(name, namespace)?.data;
            return Boolean(data?.["tls.crt"] && data["tls.key"]);
        },
        secret: (namespace, name) => secrets.get(name, namespace),
        stop: async () => {
            await Promise.all(
                [classes, gateways, routes, grants, namespaces, secrets].map((w) => w.stop()),
            );
        },
    };
}
