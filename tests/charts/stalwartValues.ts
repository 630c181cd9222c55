import type { V1PodSpec, V1PodTemplateSpec } from "@kubernetes/client-node";
import { object, type KubernetesObject } from "./helm.ts";

/** The chart of the mail server, and the namespace of its release. */
export const CHART = "stalwart-sovereign";
export const NAMESPACE = "stalwart-sovereign";
export const IMAGE = `docker.io/stalwartlabs/stalwart:v0.16.24@sha256:${"ab".repeat(32)}`;

/** The least that a Sovereign needs. */
export const MINIMAL = {
    sovereignFQDN: "omantel.example",
    image: IMAGE,
    secrets: { plan: "stalwart-plan", dkim: "stalwart-dkim", tls: "stalwart-tls" },
    checksums: { plan: "1".repeat(64), dkim: "2".repeat(64), tls: "3".repeat(64) },
};

/** Everything that can be set. */
export const FULL = {
    ...MINIMAL,
    secrets: { ...MINIMAL.secrets, relay: "stalwart-relay" },
    checksums: { ...MINIMAL.checksums, relay: "4".repeat(64) },
    hostPorts: { smtp: true, submission: true, submissions: true },
    nodeSelector: { "kubernetes.io/hostname": "catalyst-omantel-example-w1" },
    tolerations: [{ key: "mail", operator: "Exists" }],
    networkPolicy: { smtpFrom: ["10.0.0.254/32"], egressPorts: ["2525"] },
    egressProbe: { targets: ["smtp.relay.example:2525"], schedule: "5 * * * *" },
    mtaSts: { enabled: true, tlsSecret: "sovereign-ingress-tls" },
    dnsRecords: [
        { name: "omantel.example", type: "MX", ttl: 300, records: ["10 mx.omantel.example."] },
    ],
};

/** The pod that the chart's StatefulSet makes. */
export function podTemplate(
    objects: readonly KubernetesObject[],
): V1PodTemplateSpec & { spec: V1PodSpec } {
    const { spec } = object(objects, "StatefulSet", "stalwart") as unknown as {
        spec: { template: V1PodTemplateSpec & { spec: V1PodSpec } };
    };
    return spec.template;
}
