import * as pulumi from "@pulumi/pulumi";
import { hostNames } from "../names.ts";

export interface PlatformValuesSpec {
    readonly fqdn: string;
    /** Further values of the stack; what is set here wins over them. */
    readonly values: Readonly<Record<string, unknown>>;
    readonly smtp: { readonly host: string; readonly port: string; readonly from: string };
    /** Digest of the SMTP Secret: Helm repeats its look-ups only when a value changes. */
    readonly smtpDigest: pulumi.Input<string>;
    /** Pull Secret of the pods; undefined where images are pulled without one. */
    readonly pullSecret?: string;
    readonly wayIn: PlatformWayIn;
}

/** What leads requests to the platform: an Ingress with the Secret of its certificate, or routes of a Gateway, which has its own. */
export type PlatformWayIn =
    | {
          readonly kind: "ingress";
          readonly tlsSecret: string;
          /** Plain requests are led to HTTPS; not where they have to reach proofs of names by HTTP. @default true */
          readonly forceHttps?: boolean;
      }
    | { readonly kind: "gateway"; readonly name: string; readonly namespace: string };

/** Values of the platform chart. Holds no secret; only leaves are Outputs, so that a preview shows which of them change. Pure. */
export function platformValues(spec: PlatformValuesSpec): Record<string, unknown> {
    const hosts = hostNames(spec.fqdn);
    return merge(spec.values, {
        global: { sovereignFQDN: spec.fqdn },
        sovereign: { smtp: { ...spec.smtp, digest: spec.smtpDigest } },
        images: { pullSecret: spec.pullSecret ?? "" },
        ...wayInValues(spec.wayIn, {
            console: { host: hosts.console },
            api: { host: hosts.api },
        }),
    });
}

function wayInValues(wayIn: PlatformWayIn, hosts: Values): Values {
    // Matched by host name: a Sovereign of several zones has no listener by one fixed name.
    const sectionName = "";
    if (wayIn.kind === "ingress")
        return {
            ingress: {
                tlsSecret: wayIn.tlsSecret,
                ...(wayIn.forceHttps === false && { forceHttps: false }),
                hosts,
            },
            gateway: { parentRef: { sectionName } },
        };
    const { name, namespace } = wayIn;
    return {
        ingress: { enabled: false, hosts },
        gateway: { enabled: true, parentRef: { name, namespace, sectionName } },
    };
}

type Values = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Values {
    return (
        typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        !pulumi.Output.isInstance(value)
    );
}

/** `over` laid on `under`, objects key by key, as Helm lays values on each other. */
function merge(under: Values, over: Values): Record<string, unknown> {
    const merged: Record<string, unknown> = { ...under };
    for (const [key, value] of Object.entries(over)) {
        const below = merged[key];
        merged[key] = isObject(below) && isObject(value) ? merge(below, value) : value;
    }
    return merged;
}
