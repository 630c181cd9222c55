import type * as kubernetes from "@pulumi/kubernetes";
import { PORTS } from "../ports.ts";

type PolicySpec = kubernetes.types.input.networking.v1.NetworkPolicySpec;

/** Port of cert-manager's webhook (chart value `webhook.securePort`). */
const WEBHOOK_PORT = 10_250;

const tcp = (port: number) => ({ protocol: "TCP", port });

/**
 * What cert-manager's namespace lets through, by policy name: nothing, but for API servers that call the webhook, and for what the
 * controller asks: DNS and dynamic updates (53), ACME (443), the Kubernetes API (443 of its Service, 6443 of a server), and its own look at
 * an HTTP-01 challenge (80), and further ports that the configuration names. API servers call from a node's address, which no selector names. Pure.
 */
export function certManagerPolicies(
    furtherPorts: readonly number[] = [],
): Readonly<Record<string, PolicySpec>> {
    const ports = [
        53,
        PORTS.http.listen,
        PORTS.https.listen,
        PORTS.kubernetes.listen,
        ...furtherPorts,
    ];
    return {
        "default-deny": { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
        "webhook-calls": {
            podSelector: { matchLabels: { "app.kubernetes.io/component": "webhook" } },
            policyTypes: ["Ingress"],
            ingress: [{ ports: [tcp(WEBHOOK_PORT)] }],
        },
        "outgoing-calls": {
            podSelector: {},
            policyTypes: ["Egress"],
            egress: [
                {
                    ports: [{ protocol: "UDP", port: 53 }, ...[...new Set(ports)].map(tcp)],
                },
            ],
        },
    };
}

/** Port of the pods that answer HTTP-01 challenges (cert-manager `pkg/issuer/acme/http`). */
const SOLVER_PORT = 8089;

/**
 * What a namespace lets through to the pods that cert-manager puts into it for HTTP-01: requests for the proof alone, from the shared ingress,
 * which has no identity that a policy could name. Pure.
 */
export function solverPolicy(): PolicySpec {
    return {
        podSelector: { matchLabels: { "acme.cert-manager.io/http01-solver": "true" } },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ ports: [tcp(SOLVER_PORT)] }],
    };
}
