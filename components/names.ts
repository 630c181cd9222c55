import { createHash } from "node:crypto";

/** Longest DNS label and Hetzner label value (RFC 1035 2.3.4; Hetzner label rules). */
const MAX_LABEL = 63;

/** The label that every Hetzner resource of a Sovereign carries; `recover` finds orphans by it. */
export const SOVEREIGN_LABEL = "catalyst.openova.io/sovereign";

/** The label that tells the role of a server: `control-plane` or `worker`. */
export const ROLE_LABEL = "catalyst.openova.io/role";

/** The label that tells which node a server is, by its short name (`cp1`, `w1`, …); Kubernetes nodes carry it and {@link ROLE_LABEL} too. */
export const NODE_LABEL = "catalyst.openova.io/node";

/** Group of the admin client certificate; a ClusterRoleBinding in the first server's manifests gives it `cluster-admin`. */
export const ADMIN_GROUP = "sovereign:admins";

/** Namespaces that the program owns. */
export const NAMESPACES = { platform: "catalyst-system", mail: "stalwart-sovereign" } as const;

/** The Secret that carries the submission credentials to the platform (`catalyst-system`). */
export const SMTP_SECRET = "sovereign-smtp-credentials";

function digest(text: string, length: number): string {
    return createHash("sha256").update(text).digest("hex").slice(0, length);
}

/** Shortens `text` to `max` characters, ending in eight hex digits of its SHA-256 where something was cut. */
function shorten(text: string, max: number): string {
    return text.length <= max
        ? text
        : `${text.slice(0, max - 9).replace(/[-.]+$/, "")}-${digest(text, 8)}`;
}

/** The FQDN as one DNS label: dots become dashes (`omantel.omani.works` → `omantel-omani-works`). */
export function slug(fqdn: string): string {
    return fqdn.replaceAll(".", "-");
}

/**
 * Name of a Hetzner resource: `catalyst-<slug>-<part>`, at most 63 characters, unique per Sovereign in a project.
 * Server names are also Kubernetes node names and host names (RFC 1123).
 */
export function resourceName(fqdn: string, part: string): string {
    return `${shorten(`catalyst-${slug(fqdn)}`, MAX_LABEL - part.length - 1)}-${part}`;
}

/** Value of {@link SOVEREIGN_LABEL}: the FQDN, or where it is longer than a label value may be, its shortened form with a hash. */
export function sovereignLabel(fqdn: string): string {
    return shorten(fqdn, MAX_LABEL);
}

/** Labels of every Hetzner resource of the Sovereign. */
export function hetznerLabels(fqdn: string): Record<string, string> {
    return { [SOVEREIGN_LABEL]: sovereignLabel(fqdn) };
}

/** The host names of a Sovereign, all under its FQDN (`design`: EHLO and PTR of the nodes `mail.`, MX and PTR of the load balancer `mx.`). */
export function hostNames(fqdn: string) {
    return {
        apex: fqdn,
        mail: `mail.${fqdn}`,
        mx: `mx.${fqdn}`,
        mtaSts: `mta-sts.${fqdn}`,
        console: `console.${fqdn}`,
        api: `api.${fqdn}`,
        gitea: `gitea.${fqdn}`,
        harbor: `harbor.${fqdn}`,
    } as const;
}
