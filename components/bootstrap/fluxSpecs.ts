import type { GitopsConfig } from "../../config/model.ts";
import { NAMESPACES } from "../names.ts";
import { BOOTSTRAP_GRAPH } from "./kitGraph.ts";
import type { BootstrapGraph } from "./kitGraph.ts";

/** Namespace of Flux and of everything that it is told. */
export const FLUX_NAMESPACE = "flux-system";

/** Secret with the registry's credentials that the sources of the kit name. */
export const FLUX_PULL_SECRET = "ghcr-pull";

/** Name of the source of the kit. */
export const KIT_SOURCE = "openova";

/** Names of the Kustomizations: the kit, and what needs kinds that the kit defines. */
export const KUSTOMIZATIONS = {
    kit: "bootstrap-kit",
    infrastructure: "infrastructure-config",
} as const;

/** Where the kit's Crossplane looks for the token of the Hetzner project, key `token`. */
export const CROSSPLANE = { namespace: "crossplane-system", secret: "hcloud-credentials" } as const;

/** Controllers that the kit needs, by the names of their Deployments. */
export const FLUX_CONTROLLERS = [
    "source-controller",
    "kustomize-controller",
    "helm-controller",
] as const;

/** Kinds that the program writes or the kit's slots are of. */
export const FLUX_DEFINITIONS = [
    "gitrepositories.source.toolkit.fluxcd.io",
    "helmrepositories.source.toolkit.fluxcd.io",
    "kustomizations.kustomize.toolkit.fluxcd.io",
    "helmreleases.helm.toolkit.fluxcd.io",
] as const;

/** Releases of the kit that this program has, always: the network comes with k3s, and Flux is there before its kit. */
const ALWAYS_OURS = ["bp-cilium", "bp-flux"] as const;

/** Releases of a kit that this program owns instead. Pure. */
export function ownReleases(owners: GitopsConfig["owners"]): string[] {
    return [
        ...ALWAYS_OURS,
        ...(owners.certManager === "program" ? ["bp-cert-manager"] : []),
        ...(owners.platform === "program" ? ["bp-catalyst-platform"] : []),
        ...(owners.mailServer === "program" ? ["bp-stalwart-sovereign"] : []),
    ];
}

/** Annotations by which Flux leaves an object alone that stays in the kit's files (https://fluxcd.io/flux/components/kustomize/kustomizations/). */
const LEFT_ALONE = {
    "kustomize.toolkit.fluxcd.io/ssa": "IfNotPresent",
    "kustomize.toolkit.fluxcd.io/prune": "disabled",
};

/** A patch of a Kustomization: what it changes, and how. */
export interface KitPatch {
    readonly target: { readonly kind: string; readonly name: string };
    /** Strategic merge patch; lists of custom resources are replaced as a whole. */
    readonly patch: Readonly<Record<string, unknown>>;
}

/**
 * How the kit is told what is not its own: those releases are suspended and never pruned, what waits for one of them no longer does, since
 * it was there before Flux, and namespaces of the program are left as they are. Pure.
 */
export function kitPatches(
    owners: GitopsConfig["owners"],
    graph: BootstrapGraph = BOOTSTRAP_GRAPH,
): KitPatch[] {
    const ours = ownReleases(owners);
    const release = (name: string, body: object): KitPatch => ({
        target: { kind: "HelmRelease", name },
        patch: { apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease", ...body },
    });
    const suspended = ours.map((name) =>
        release(name, {
            metadata: {
                name,
                annotations: { "kustomize.toolkit.fluxcd.io/prune": "disabled" },
            },
            spec: { suspend: true },
        }),
    );
    const loosened = Object.entries(graph)
        .filter(([name]) => !ours.includes(name))
        .filter(([, { dependsOn }]) => dependsOn.some((dependency) => ours.includes(dependency)))
        .map(([name, { dependsOn }]) =>
            release(name, {
                metadata: { name },
                spec: {
                    dependsOn: dependsOn
                        .filter((dependency) => !ours.includes(dependency))
                        .map((dependency) => ({ name: dependency })),
                },
            }),
        );
    // Patches of what the kit does not have, or of what the program leaves to it, change nothing that matters.
    const namespaces = [
        FLUX_NAMESPACE,
        NAMESPACES.platform,
        NAMESPACES.mail,
        CROSSPLANE.namespace,
    ].map((name) => ({
        target: { kind: "Namespace", name },
        patch: {
            apiVersion: "v1",
            kind: "Namespace",
            metadata: { name, annotations: LEFT_ALONE },
        },
    }));
    return [...suspended, ...loosened, ...namespaces];
}

/** Specification of the source with the kit. Pure. */
export function gitRepositorySpec({ repository, branch, commit, ...paths }: GitopsConfig) {
    const folders = [paths.kitPath, paths.infrastructurePath].flatMap((path) =>
        path === undefined ? [] : [path.slice(1)],
    );
    return {
        interval: "1m",
        url: repository,
        ref: commit === undefined ? { branch } : { branch, commit },
        // Everything but what the kit and its charts are made of.
        ignore: ["/*", ...[...folders, "/platform", "/products"].map((path) => `!${path}`)]
            .join("\n")
            .concat("\n"),
    };
}

/** Releases of the kit that are Flux's own to install. Pure. */
export function kitReleases(
    owners: GitopsConfig["owners"],
    graph: BootstrapGraph = BOOTSTRAP_GRAPH,
): string[] {
    const ours = ownReleases(owners);
    return Object.keys(graph).filter((name) => !ours.includes(name));
}

/** Specification of the Kustomization of the kit. Pure. */
export function kitSpec(fqdn: string, gitops: GitopsConfig, stringify: (value: object) => string) {
    return {
        ...kustomization(fqdn, gitops.kitPath),
        interval: "5m",
        timeout: "30m",
        prune: true,
        // A suspended release never becomes ready: what is waited for is named one by one.
        wait: false,
        healthChecks: kitReleases(gitops.owners).map((name) => ({
            apiVersion: "helm.toolkit.fluxcd.io/v2",
            kind: "HelmRelease",
            name,
            namespace: FLUX_NAMESPACE,
        })),
        patches: kitPatches(gitops.owners).map(({ target, patch }) => ({
            target,
            patch: stringify(patch),
        })),
    };
}

/** Specification of the Kustomization of what needs kinds that the kit defines. Pure. */
export function infrastructureSpec(fqdn: string, path: string) {
    return {
        ...kustomization(fqdn, path),
        dependsOn: [{ name: KUSTOMIZATIONS.kit }],
        interval: "5m",
        timeout: "30m",
        prune: true,
        wait: true,
    };
}

function kustomization(fqdn: string, path: string) {
    return {
        path,
        sourceRef: { kind: "GitRepository", name: KIT_SOURCE },
        postBuild: { substitute: { SOVEREIGN_FQDN: fqdn } },
    };
}
