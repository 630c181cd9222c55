import type * as kubernetes from "@pulumi/kubernetes";
import { NAMESPACES } from "../names.ts";
import { PORTS } from "../ports.ts";

/** A level of the Pod Security Standards (https://kubernetes.io/docs/concepts/security/pod-security-standards/). */
export type PodSecurity = "privileged" | "baseline" | "restricted";

type PolicySpec = kubernetes.types.input.networking.v1.NetworkPolicySpec;

/** A namespace that the program makes. */
export interface NamespaceSpec {
    readonly name: string;
    /** What the API server refuses pods by. @default nothing */
    readonly enforce?: PodSecurity;
    /** What it tells of, where it refuses nothing. */
    readonly warn?: PodSecurity;
    /** NetworkPolicies by name. A namespace without one here has those of its release. */
    readonly policies: Readonly<Record<string, PolicySpec>>;
}

const tcp = (port: number) => ({ protocol: "TCP", port });

/** Where the platform's pods listen. */
const PLATFORM_PORT = 8080;

/**
 * What the platform's namespace lets through: requests to its servers, from the shared ingress, which has no identity that a policy could
 * name; outwards, the cluster's own services and DNS, HTTP and the Kubernetes API, but never the metadata address.
 */
const platformPolicies: NamespaceSpec["policies"] = {
    "default-deny": { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    "incoming-requests": {
        podSelector: {},
        policyTypes: ["Ingress"],
        ingress: [{ ports: [tcp(PLATFORM_PORT)] }],
    },
    "outgoing-calls": {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [
            { to: [{ namespaceSelector: {} }] },
            {
                to: [
                    { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } },
                    { ipBlock: { cidr: "::/0" } },
                ],
                ports: [
                    tcp(PORTS.http.listen),
                    tcp(PORTS.https.listen),
                    tcp(PORTS.kubernetes.listen),
                ],
            },
        ],
    },
};

/** The namespaces of a Sovereign that its releases find ready, by key. */
export const NAMESPACE_SPECS = {
    platform: {
        name: NAMESPACES.platform,
        // Others put pods into this namespace too, so that a profile tells of those that break it, and stops none.
        warn: "baseline",
        policies: platformPolicies,
    },
    mail: {
        name: NAMESPACES.mail,
        // The server listens on ports of the node, which every stricter profile forbids.
        enforce: "privileged",
        policies: {},
    },
} as const satisfies Record<keyof typeof NAMESPACES, NamespaceSpec>;

/** Labels by which the API server judges the pods of a namespace. */
export function podSecurityLabels({ enforce, warn }: NamespaceSpec): Record<string, string> {
    return {
        ...(enforce !== undefined && { "pod-security.kubernetes.io/enforce": enforce }),
        ...(warn !== undefined && {
            "pod-security.kubernetes.io/warn": warn,
            "pod-security.kubernetes.io/audit": warn,
        }),
    };
}
