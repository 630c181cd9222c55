import { SOVEREIGN_LABEL, slug, sovereignLabel } from "../names.ts";
import { GATEWAY_NODE_PORTS } from "../ports.ts";

/** Where charts look for a Sovereign's Gateway unless they are told otherwise. */
export const GATEWAY = { name: "cilium-gateway", namespace: "kube-system" } as const;

/** Class of Gateways that Cilium's chart makes. */
export const GATEWAY_CLASS = "cilium";

/** Listener of plain HTTP, which leads everything to HTTPS. */
export const HTTP_LISTENER = "http";

/** Kinds that Cilium's operator looks for at its start, as CustomResourceDefinitions. */
export const GATEWAY_DEFINITIONS = [
    "gatewayclasses.gateway.networking.k8s.io",
    "gateways.gateway.networking.k8s.io",
    "httproutes.gateway.networking.k8s.io",
    "referencegrants.gateway.networking.k8s.io",
    "grpcroutes.gateway.networking.k8s.io",
] as const;

/** A DNS zone that the Gateway serves, with the certificate of its apex and of everything one label below it. */
export interface GatewayZone {
    readonly zone: string;
    readonly certificate: { readonly namespace: string; readonly secret: string };
}

/** Name of the listener for everything one label below a zone: `omani.works` → `https-omani-works`. */
export function listenerName(zone: string): string {
    return `https-${slug(zone)}`;
}

/** Name of the listener for a zone's apex. */
export function apexListenerName(zone: string): string {
    return `${listenerName(zone)}-apex`;
}

/**
 * Specification of the Gateway. A wildcard covers no apex, so a zone has a listener for each. Routes come from the Sovereign's own
 * namespaces; none of them reaches the plain listener. Pure.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/#gatewayspec
 */
export function gatewaySpec(fqdn: string, zones: readonly GatewayZone[]) {
    return {
        gatewayClassName: GATEWAY_CLASS,
        listeners: [
            {
                name: HTTP_LISTENER,
                protocol: "HTTP",
                port: GATEWAY_NODE_PORTS.http,
                allowedRoutes: { namespaces: { from: "Same" } },
            },
            ...zones.flatMap((zone) => [
                tlsListener(fqdn, zone, listenerName(zone.zone), `*.${zone.zone}`),
                tlsListener(fqdn, zone, apexListenerName(zone.zone), zone.zone),
            ]),
        ],
    };
}

function tlsListener(fqdn: string, { certificate }: GatewayZone, name: string, hostname: string) {
    return {
        name,
        hostname,
        protocol: "HTTPS",
        port: GATEWAY_NODE_PORTS.https,
        tls: {
            mode: "Terminate",
            certificateRefs: [
                {
                    group: "",
                    kind: "Secret",
                    name: certificate.secret,
                    namespace: certificate.namespace,
                },
            ],
        },
        allowedRoutes: {
            namespaces: {
                from: "Selector",
                selector: { matchLabels: { [SOVEREIGN_LABEL]: sovereignLabel(fqdn) } },
            },
        },
    };
}

/** Specification of the route that leads plain HTTP to HTTPS. Pure. */
export function redirectSpec() {
    return {
        parentRefs: [
            {
                group: "gateway.networking.k8s.io",
                kind: "Gateway",
                name: GATEWAY.name,
                sectionName: HTTP_LISTENER,
            },
        ],
        rules: [
            {
                matches: [{ path: { type: "PathPrefix", value: "/" } }],
                filters: [
                    {
                        type: "RequestRedirect",
                        // The scheme alone: its well-known port is the one to go to, not the listener's.
                        requestRedirect: { scheme: "https", statusCode: 301 },
                    },
                ],
            },
        ],
    };
}

/** Name of the grant for a Secret. */
export function certificateGrantName(secret: string): string {
    return `gateway-${secret}`;
}

/** Specification of the grant in a certificate's namespace: the Gateway may use this Secret and no other. Pure. */
export function certificateGrantSpec(secret: string) {
    return {
        from: [
            {
                group: "gateway.networking.k8s.io",
                kind: "Gateway",
                namespace: GATEWAY.namespace,
            },
        ],
        to: [{ group: "", kind: "Secret", name: secret }],
    };
}

/**
 * Values over those of Cilium's chart that make it serve Gateways instead of Ingresses. Operator and agents look at the Gateway API once,
 * at their start, so they are rolled when the values change. Pure.
 *
 * @see https://docs.cilium.io/en/stable/network/servicemesh/gateway-api/gateway-api/
 */
export function gatewayCiliumValues() {
    return {
        ingressController: { enabled: false },
        gatewayAPI: {
            enabled: true,
            enableProxyProtocol: true,
            hostNetwork: { enabled: true },
        },
        rollOutCiliumPods: true,
        operator: { rollOutPods: true },
        envoy: { rollOutPods: true },
    };
}
