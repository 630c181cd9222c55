import { ringsOf } from "./rings.ts";

/** A release of the bootstrap kit: the number of its file, and the releases that have to be there before it. */
export interface BootstrapRelease {
    readonly slot: number;
    readonly dependsOn: readonly string[];
}

/** Releases by name. */
export type BootstrapGraph = Readonly<Record<string, BootstrapRelease>>;

function release(slot: number, ...dependsOn: readonly string[]): BootstrapRelease {
    return { slot, dependsOn: dependsOn.map((name) => `bp-${name}`) };
}

/**
 * The releases of a Sovereign's bootstrap kit as they are meant to depend on each other. The mail server comes last: it needs the
 * issuer of its certificate, and the platform whose namespace holds the credentials that it is used with.
 */
export const BOOTSTRAP_GRAPH = {
    "bp-cilium": release(1),
    "bp-cert-manager": release(2, "cilium"),
    "bp-flux": release(3, "cert-manager"),
    "bp-crossplane": release(4, "flux"),
    "bp-sealed-secrets": release(5, "cert-manager"),
    "bp-spire": release(6, "cert-manager"),
    "bp-nats-jetstream": release(7, "spire"),
    "bp-openbao": release(8, "spire"),
    "bp-keycloak": release(9, "cert-manager"),
    "bp-gitea": release(10, "keycloak"),
    "bp-powerdns": release(11, "cert-manager"),
    "bp-external-dns": release(12, "cert-manager", "powerdns"),
    "bp-catalyst-platform": release(13, "gitea"),
    "bp-crossplane-claims": release(14, "crossplane"),
    "bp-external-secrets": release(15, "openbao", "cert-manager"),
    "bp-cnpg": release(16, "flux"),
    "bp-valkey": release(17, "flux"),
    "bp-seaweedfs": release(18, "flux", "cert-manager"),
    "bp-harbor": release(19, "cnpg", "seaweedfs", "cert-manager"),
    "bp-opentelemetry": release(20, "cert-manager"),
    "bp-alloy": release(21, "opentelemetry"),
    "bp-loki": release(22, "seaweedfs"),
    "bp-mimir": release(23, "seaweedfs"),
    "bp-tempo": release(24, "seaweedfs"),
    "bp-grafana": release(25, "cnpg", "loki", "mimir", "tempo", "keycloak"),
    "bp-langfuse": release(26, "cnpg", "keycloak", "cert-manager"),
    "bp-kyverno": release(27, "cilium"),
    "bp-reloader": release(28),
    "bp-vpa": release(29),
    "bp-trivy": release(30, "cert-manager"),
    "bp-falco": release(31, "cilium"),
    "bp-sigstore": release(32, "cert-manager"),
    "bp-syft-grype": release(33, "cert-manager"),
    "bp-velero": release(34, "seaweedfs"),
    "bp-coraza": release(35, "cilium", "cert-manager"),
    "bp-stalwart-sovereign": release(95, "cert-manager", "catalyst-platform"),
} as const satisfies BootstrapGraph;

/** What an audit found, each in words. */
export interface BootstrapAudit {
    /** Releases that differ from the expected graph, are missing from it or are not in it. */
    readonly drift: readonly string[];
    /** Rings of releases that wait for each other. */
    readonly cycles: readonly string[];
}

/** Compares a kit with the expected graph. A release that is expected and absent is drift too: nothing would install it. */
export function auditBootstrap(
    actual: BootstrapGraph,
    expected: BootstrapGraph = BOOTSTRAP_GRAPH,
): BootstrapAudit {
    return {
        drift: [
            ...Object.entries(actual).flatMap(([name, found]) =>
                releaseDrift(name, found, actual, expected),
            ),
            ...Object.keys(expected)
                .filter((name) => !(name in actual))
                .map(
                    (name) =>
                        `${name} is expected in slot ${slotOf(expected[name])}, and is not in the kit`,
                ),
        ],
        cycles: [...ringsOf(actual), ...ringsOf(expected).map((ring) => `expected graph: ${ring}`)],
    };
}

function releaseDrift(
    name: string,
    found: BootstrapRelease,
    actual: BootstrapGraph,
    expected: BootstrapGraph,
): string[] {
    const wanted = expected[name];
    if (wanted === undefined)
        return [`${name} (slot ${slotOf(found)}) is not in the expected graph; declare it there`];
    const missing = wanted.dependsOn.filter((d) => !found.dependsOn.includes(d));
    const extra = found.dependsOn.filter((d) => !wanted.dependsOn.includes(d));
    const unknown = found.dependsOn.filter((d) => !(d in actual));
    return [
        ...(found.slot === wanted.slot
            ? []
            : [`${name} is in slot ${slotOf(found)}, expected in ${slotOf(wanted)}`]),
        ...missing.map((d) => `${name} does not depend on ${d}, as expected`),
        ...extra.map((d) => `${name} depends on ${d}, which is not expected`),
        ...unknown.map((d) => `${name} depends on ${d}, which is not in the kit and never comes`),
    ];
}

function slotOf(release: BootstrapRelease | undefined): string {
    return String(release?.slot ?? 0).padStart(2, "0");
}
