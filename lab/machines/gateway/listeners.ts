import { DiscoveryV1Api } from "@kubernetes/client-node";
import type { V1EndpointSlice, V1Secret } from "@kubernetes/client-node";
import { readyBackends } from "../ingress/backends.ts";
import { startFrontend } from "../ingress/frontend.ts";
import { findPlayed } from "../ingress/upstream.ts";
import type { FrontendAnswer, FrontendRequest } from "../ingress/frontend.ts";
import type { WorkloadStandIn } from "../../parts.ts";
import { describe, type ClusterClient } from "../kubelet/client.ts";
import { attach, listenerConditions, refersTo } from "./attachment.ts";
import type { Gateway, Listener } from "./objects.ts";
import { listenerFor, routeRequest } from "./routing.ts";
import { watchGateways } from "./watchGateways.ts";
import type { GatewayState } from "./watchGateways.ts";

export interface GatewayListenerOptions {
    readonly client: ClusterClient;
    readonly host: string;
    readonly portOffset: number;
    /** Connections without a PROXY header are refused. */
    readonly proxyProtocol: boolean;
    /** What plays the cluster\'s workloads. */
    readonly standIns: readonly WorkloadStandIn[];
    readonly print: (line: string) => void;
}

/** A listener with the Gateway that it is of. */
interface Open {
    readonly gateway: Gateway;
    readonly listener: Listener;
}

/** Milliseconds for which changes are gathered. */
const QUIET = 100;

/** Lowest port that Cilium's proxy may bind without a capability of its own. */
const LOWEST_PORT = 1024;

/**
 * Plays Cilium's envoy for Gateways in host network mode: the ports of programmed listeners are opened on the node, and closed when the
 * last listener of theirs goes (https://docs.cilium.io/en/stable/network/servicemesh/gateway-api/host-network-mode/).
 *
 * @returns what closes them
 */
export async function startGatewayListeners(
    options: GatewayListenerOptions,
): Promise<() => Promise<void>> {
    const { client, print } = options;
    const discovery = client.config.makeApiClient(DiscoveryV1Api);
    const slices = await client.watch<V1EndpointSlice>(
        "/apis/discovery.k8s.io/v1/endpointslices",
        () => discovery.listEndpointSliceForAllNamespaces(),
        () => undefined,
    );
    const played = findPlayed(client, options.standIns);
    const frontends = new Map<number, () => Promise<void>>();
    let timer: NodeJS.Timeout | undefined;
    let stopped = false;
    let work: Promise<void> = Promise.resolve();
    const syncSoon = () => {
        clearTimeout(timer);
        if (stopped) return;
        timer = setTimeout(() => {
            work = work.then(sync).catch((error: unknown) => {
                print(`cilium-agent: ${describe(error)}`);
            });
        }, QUIET);
    };
    const state = await watchGateways(client, syncSoon);

    async function sync(): Promise<void> {
        const wanted = new Set(openListeners(state).map(({ listener }) => listener.port));
        for (const [port, close] of frontends)
            if (!wanted.has(port)) {
                frontends.delete(port);
                await close();
            }
        for (const port of wanted) {
            if (frontends.has(port)) continue;
            if (port < LOWEST_PORT)
                throw new Error(`listener on port ${port}: cannot bind: Permission denied`);
            frontends.set(
                port,
                await startFrontend({
                    ...options,
                    port,
                    certificate: (name) => certificateFor(state, port, name),
                    answer: (request) => answer(state, slices.list(), port, request),
                    played,
                }),
            );
        }
    }

    syncSoon();
    return async () => {
        stopped = true;
        clearTimeout(timer);
        await work;
        await Promise.all([state.stop(), slices.stop()]);
        for (const close of frontends.values()) await close();
    };
}

function openListeners(state: GatewayState): Open[] {
    return state
        .gateways()
        .flatMap((gateway) =>
            gateway.spec.listeners
                .filter((listener) =>
                    listenerConditions(gateway, listener, state).every(
                        ({ status }) => status === "True",
                    ),
                )
                .map((listener) => ({ gateway, listener })),
        );
}

function opened(state: GatewayState, port: number, host: string): Open | undefined {
    const open = openListeners(state).filter(({ listener }) => listener.port === port);
    const chosen = listenerFor(
        open.map(({ listener }) => listener),
        host,
    );
    return open.find(({ listener }) => listener === chosen);
}

function certificateFor(
    state: GatewayState,
    port: number,
    serverName: string,
): V1Secret | undefined {
    const found = opened(state, port, serverName);
    const [reference] = found?.listener.tls?.certificateRefs ?? [];
    if (!found || !reference) return undefined;
    return state.secret(reference.namespace ?? found.gateway.metadata.namespace, reference.name);
}

function answer(
    state: GatewayState,
    slices: readonly V1EndpointSlice[],
    port: number,
    { host, path, secure }: FrontendRequest,
): FrontendAnswer {
    const found = opened(state, port, host);
    // A listener speaks its own protocol alone.
    if (!found || secure !== (found.listener.protocol === "HTTPS")) return { status: 404 };
    const routes = state
        .routes()
        .filter((route) =>
            route.spec.parentRefs.some(
                (reference) =>
                    refersTo(route, reference, found.gateway) &&
                    attach(route, reference, found.gateway, state).listeners.some(
                        ({ name }) => name === found.listener.name,
                    ),
            ),
        );
    const answered = routeRequest(routes, host, path);
    if (answered.do === "not found") return { status: 404 };
    if (answered.do === "redirect")
        return { status: answered.status === 301 ? 301 : 302, scheme: answered.scheme };
    const { namespace, service } = answered;
    return {
        status: 200,
        namespace,
        service,
        backends: readyBackends(slices, { namespace, service }),
    };
}
