import type { WorkloadStandIn } from "../../parts.ts";
import type { ClusterClient } from "../kubelet/client.ts";
import { watchIngressState } from "./backends.ts";
import type { IngressState } from "./backends.ts";
import { startFrontend } from "./frontend.ts";
import type { FrontendAnswer, FrontendRequest } from "./frontend.ts";
import { findRoute, findTlsSecret, redirectsToHttps, servingByTls } from "./routes.ts";
import { findPlayed } from "./upstream.ts";

export interface IngressListenerOptions {
    readonly client: ClusterClient;
    readonly host: string;
    readonly port: number;
    readonly portOffset: number;
    /** Connections without a PROXY header are refused. */
    readonly proxyProtocol: boolean;
    /** Plain HTTP is redirected where an Ingress has TLS for the host and does not say otherwise. */
    readonly enforceHttps: boolean;
    /** Ingress objects without a class are served too. */
    readonly defaultClass: boolean;
    /** What plays the cluster's workloads. */
    readonly standIns: readonly WorkloadStandIn[];
}

/**
 * Plays the envoy of Cilium's shared ingress in host network mode: HTTP and TLS on one port
 * (https://docs.cilium.io/en/stable/network/servicemesh/ingress/).
 *
 * @returns what closes it
 */
export async function startIngressListener(
    options: IngressListenerOptions,
): Promise<() => Promise<void>> {
    const state = await watchIngressState(options.client, options.defaultClass);
    try {
        const close = await startFrontend({
            ...options,
            certificate: (serverName) => {
                const reference = findTlsSecret(state.ingresses(), serverName);
                return reference && state.secret(reference.namespace, reference.name);
            },
            answer: (request) => answer(state, options.enforceHttps, request),
            played: findPlayed(options.client, options.standIns),
        });
        return async () => {
            await state.stop();
            await close();
        };
    } catch (error) {
        await state.stop();
        throw error;
    }
}

function answer(
    state: IngressState,
    enforceHttps: boolean,
    { host, path, secure }: FrontendRequest,
): FrontendAnswer {
    const ingresses = state.ingresses();
    if (!secure && redirectsToHttps(ingresses, host, enforceHttps))
        return { status: 301, scheme: "https" };
    const route = findRoute(secure ? servingByTls(ingresses, host) : ingresses, host, path);
    if (!route) return { status: 404 };
    const { namespace, service } = route;
    return { status: 200, namespace, service, backends: state.backends(route) };
}
