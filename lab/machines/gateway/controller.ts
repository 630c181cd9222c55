import { ApiextensionsV1Api } from "@kubernetes/client-node";
import { MERGE, describe, type ClusterClient } from "../kubelet/client.ts";
import { attach, listenerConditions, refersTo } from "./attachment.ts";
import type { Condition } from "./attachment.ts";
import { GATEWAY_GROUP } from "./objects.ts";
import type { Gateway, Route } from "./objects.ts";
import { CONTROLLER, watchGateways } from "./watchGateways.ts";
import type { GatewayState } from "./watchGateways.ts";

/** What the operator looks for at its start (`operator/pkg/gateway-api/cell.go`). */
const REQUIRED = ["gatewayclasses", "gateways", "httproutes", "referencegrants", "grpcroutes"];

/** Milliseconds for which changes are gathered. */
const QUIET = 100;

/**
 * Plays the Gateway API part of Cilium's operator: accepts the class, and writes the status of Gateways and routes. Like the operator it
 * looks for the definitions once, and leaves the Gateway API alone for its whole life where one is missing.
 *
 * @returns what ends it
 */
export async function startGatewayController(
    client: ClusterClient,
    print: (line: string) => void,
): Promise<() => Promise<void>> {
    const missing = await missingDefinitions(client);
    if (missing.length > 0) {
        print(
            `cilium-operator: Required GatewayAPI resources are not found, please refer to docs for installation instructions: ${missing.join(", ")}`,
        );
        return () => Promise.resolve();
    }
    let timer: NodeJS.Timeout | undefined;
    let stopped = false;
    let work: Promise<void> = Promise.resolve();
    let last = "";
    const reconcileSoon = () => {
        clearTimeout(timer);
        if (stopped) return;
        timer = setTimeout(() => {
            work = work
                .then(() => reconcile(client, state))
                .catch((error: unknown) => {
                    const message = describe(error);
                    if (message !== last) print(`cilium-operator: ${message}`);
                    last = message;
                    reconcileSoon();
                });
        }, QUIET);
    };
    const state = await watchGateways(client, reconcileSoon);
    reconcileSoon();
    return async () => {
        stopped = true;
        clearTimeout(timer);
        await work;
        await state.stop();
    };
}

async function missingDefinitions(client: ClusterClient): Promise<string[]> {
    const extensions = client.config.makeApiClient(ApiextensionsV1Api);
    const { items } = await extensions.listCustomResourceDefinition();
    const served = new Set(items.map(({ metadata }) => metadata?.name));
    return REQUIRED.map((plural) => `${plural}.${GATEWAY_GROUP}`).filter(
        (name) => !served.has(name),
    );
}

async function reconcile(client: ClusterClient, state: GatewayState): Promise<void> {
    for (const { metadata } of state.classes())
        await writeStatus(client, "gatewayclasses", metadata, {
            conditions: [
                {
                    type: "Accepted",
                    status: "True",
                    reason: "Accepted",
                    message: "Valid GatewayClass",
                },
            ],
        });
    const gateways = state.gateways();
    const routes = state.routes();
    for (const gateway of gateways)
        await writeStatus(
            client,
            "gateways",
            gateway.metadata,
            gatewayStatus(gateway, routes, state),
        );
    for (const route of routes) {
        const parents = gateways.flatMap((gateway) =>
            route.spec.parentRefs
                .filter((reference) => refersTo(route, reference, gateway))
                .map((reference) => ({
                    parentRef: reference,
                    controllerName: CONTROLLER,
                    conditions: [
                        attach(route, reference, gateway, state).accepted,
                        {
                            type: "ResolvedRefs",
                            status: "True",
                            reason: "ResolvedRefs",
                            message: "",
                        },
                    ],
                })),
        );
        if (parents.length > 0)
            await writeStatus(client, "httproutes", route.metadata, { parents });
    }
}

function gatewayStatus(gateway: Gateway, routes: readonly Route[], state: GatewayState) {
    const listeners = gateway.spec.listeners.map((listener) => ({
        name: listener.name,
        supportedKinds: [{ group: GATEWAY_GROUP, kind: "HTTPRoute" }],
        attachedRoutes: routes.filter((route) =>
            route.spec.parentRefs.some(
                (reference) =>
                    refersTo(route, reference, gateway) &&
                    attach(route, reference, gateway, state).listeners.includes(listener),
            ),
        ).length,
        conditions: listenerConditions(gateway, listener, state),
    }));
    const conditions: Condition[] = ["Accepted", "Programmed"].map((type) => ({
        type,
        status: "True",
        reason: type,
        message: "",
    }));
    return { conditions, listeners };
}

interface Conditioned {
    readonly conditions?: readonly object[];
}

/** Writes a status where it differs from what was written; times and generations are added. */
async function writeStatus(
    client: ClusterClient,
    plural: string,
    { name, namespace, generation, uid }: Gateway["metadata"],
    status: object,
): Promise<void> {
    const text = JSON.stringify([generation, status]);
    if (written.get(client)?.get(uid) === text) return;
    const stamped = stamp(status, generation);
    const path = { group: GATEWAY_GROUP, version: "v1", plural, name, body: { status: stamped } };
    if (namespace === "") await client.custom.patchClusterCustomObjectStatus(path, MERGE);
    else await client.custom.patchNamespacedCustomObjectStatus({ ...path, namespace }, MERGE);
    const known = written.get(client) ?? new Map<string, string>();
    written.set(client, known.set(uid, text));
}

/** What each client has written by the object's UID, so that a status is not written again for its times alone. */
const written = new WeakMap<ClusterClient, Map<string, string>>();

function stamp(value: unknown, observedGeneration: number): unknown {
    if (Array.isArray(value)) return value.map((v) => stamp(v, observedGeneration));
    if (typeof value !== "object" || value === null) return value;
    const { conditions } = value as Conditioned;
    const lastTransitionTime = new Date().toISOString();
    return {
        ...Object.fromEntries(
            Object.entries(value).map(([k, v]) => [k, stamp(v, observedGeneration)]),
        ),
        ...(conditions && {
            conditions: conditions.map((c) => ({ ...c, observedGeneration, lastTransitionTime })),
        }),
    };
}
