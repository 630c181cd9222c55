/**
 * The one port table: firewall rules, load balancer services, chart values and health checks are all derived from it.
 */
export interface Port {
    /** Where outside clients connect: the load balancer's listen port. */
    readonly listen: number;
    /** Where the node listens: the load balancer's destination port. */
    readonly node: number;
    /** Whether the listener on the node speaks the PROXY protocol (v1/v2), so that client addresses are kept. */
    readonly proxyProtocol: boolean;
    /** What listens there, in words for people. */
    readonly purpose: string;
}

/**
 * Cilium's shared ingress listener serves HTTP and TLS on one host port and refuses privileged ones by default
 * (https://docs.cilium.io/en/stable/network/servicemesh/ingress/#host-network-mode), so 80 and 443 both lead there.
 */
export const INGRESS_NODE_PORT = 8080;

/**
 * Listeners of the Gateway, for 80 and 443 of the load balancer where a Gateway serves the platform. HTTP and TLS listeners cannot
 * share a port (https://gateway-api.sigs.k8s.io/reference/spec/#listener), and in host network mode a listener's port is the node's
 * (https://docs.cilium.io/en/stable/network/servicemesh/gateway-api/host-network-mode/).
 */
export const GATEWAY_NODE_PORTS = { http: 8081, https: 8443 } as const;

/** Ports of a Sovereign by service name; 80 and 443 as an Ingress serves them. */
export const PORTS = {
    http: {
        listen: 80,
        node: INGRESS_NODE_PORT,
        proxyProtocol: true,
        purpose: "Ingress, plain HTTP",
    },
    https: { listen: 443, node: INGRESS_NODE_PORT, proxyProtocol: true, purpose: "Ingress, TLS" },
    smtp: { listen: 25, node: 25, proxyProtocol: true, purpose: "Inbound mail (MX)" },
    submission: {
        listen: 587,
        node: 587,
        proxyProtocol: true,
        purpose: "Mail submission, STARTTLS",
    },
    submissions: {
        listen: 465,
        node: 465,
        proxyProtocol: true,
        purpose: "Mail submission, implicit TLS",
    },
    kubernetes: { listen: 6443, node: 6443, proxyProtocol: false, purpose: "Kubernetes API" },
} as const satisfies Record<string, Port>;

/** Names of the rows of {@link PORTS}. */
export type PortName = keyof typeof PORTS;
