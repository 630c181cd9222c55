import type * as pulumi from "@pulumi/pulumi";
import type { MailConfig } from "../../config/model.ts";
import type { RecordSetSpec } from "../dns/recordSet.ts";

/** Names of the Secrets in the mail namespace. */
export const MAIL_SECRETS = {
    plan: "stalwart-plan",
    dkim: "stalwart-dkim",
    tls: "stalwart-tls",
    relay: "stalwart-relay",
    ingress: "sovereign-ingress-tls",
} as const;

/** Digests of the Secrets' contents; `relay` is empty without a smart host. */
export interface MailChecksums {
    readonly plan: pulumi.Input<string>;
    readonly dkim: pulumi.Input<string>;
    readonly tls: pulumi.Input<string>;
    readonly relay: pulumi.Input<string>;
}

/** What leads requests for the MTA-STS policy to the server. A Gateway has its own certificate for them. */
export type MtaStsWayIn =
    | {
          readonly kind: "ingress";
          /** Plain requests are led to HTTPS; not where they have to reach proofs of names by HTTP. @default true */
          readonly forceHttps?: boolean;
      }
    | { readonly kind: "gateway"; readonly name: string; readonly namespace: string };

export interface StalwartValuesSpec {
    readonly fqdn: string;
    readonly mail: MailConfig;
    readonly checksums: MailChecksums;
    /** Host name of the pinned node, where mail is pinned. */
    readonly pinnedHost?: string;
    /** Private address of the load balancer. */
    readonly loadBalancerIp: string;
    readonly chartDigest: string;
    /** Mail servers, `<host>:<port>`, that a look at the way out greets where mail leaves by port 25. */
    readonly probeTargets: readonly string[];
    readonly wayIn: MtaStsWayIn;
    /** Pull Secret of the pods; undefined where the image is pulled without one. */
    readonly pullSecret?: string;
    /** Everything published in DNS, for people and audits. */
    readonly dnsRecords: readonly RecordSetSpec[];
}

/**
 * Values of `charts/stalwart-sovereign`. Holds no secret, only digests of them. Only leaves are Outputs, so that a preview shows
 * which of them change. Pure.
 */
export function stalwartValues(spec: StalwartValuesSpec) {
    const { mail } = spec;
    const relayed = mail.egress === "smart-host";
    return {
        global: { chartDigest: spec.chartDigest },
        sovereignFQDN: spec.fqdn,
        image: mail.stalwartImage,
        imagePullSecret: spec.pullSecret ?? "",
        secrets: {
            plan: MAIL_SECRETS.plan,
            dkim: MAIL_SECRETS.dkim,
            tls: MAIL_SECRETS.tls,
            relay: relayed ? MAIL_SECRETS.relay : "",
        },
        checksums: spec.checksums,
        hostPorts: {
            smtp: true,
            submission: mail.publicSubmission,
            submissions: mail.publicSubmission,
        },
        nodeSelector:
            spec.pinnedHost === undefined ? {} : { "kubernetes.io/hostname": spec.pinnedHost },
        networkPolicy: {
            enabled: true,
            smtpFrom: [`${spec.loadBalancerIp}/32`],
            submissionNamespaces: ["catalyst-system"],
            egressPorts: relayed ? [String(mail.smartHost?.port ?? 587)] : ["25", "443"],
        },
        egressProbe: { targets: probeTargets(spec) },
        mtaSts: {
            enabled: mail.mtaSts !== "none",
            ...mtaStsValues(spec.wayIn),
        },
        dnsRecords: spec.dnsRecords,
    };
}

/** What mail itself connects to: the smart host, where there is one. */
function probeTargets({ mail, probeTargets: targets }: StalwartValuesSpec): readonly string[] {
    const { egress, smartHost } = mail;
    return egress === "smart-host" && smartHost ? [`${smartHost.host}:${smartHost.port}`] : targets;
}

function mtaStsValues(wayIn: MtaStsWayIn) {
    if (wayIn.kind === "ingress")
        return {
            ingressClassName: "cilium",
            tlsSecret: MAIL_SECRETS.ingress,
            ...(wayIn.forceHttps === false && { forceHttps: false }),
        };
    const { name, namespace } = wayIn;
    return { gateway: { name, namespace } };
}
