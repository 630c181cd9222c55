import type {
    PrerequisiteRequirement,
    RequiredPrerequisite,
} from "../../provider/resources/prerequisite.ts";
import type { GitopsConfig } from "../../config/model.ts";
import { FLUX_CONTROLLERS, FLUX_DEFINITIONS, FLUX_NAMESPACE } from "./fluxSpecs.ts";
import { GATEWAY, GATEWAY_CLASS, GATEWAY_DEFINITIONS } from "./gatewaySpecs.ts";

/** Who makes a prerequisite, and alone changes it. */
export type PrerequisiteOwner = "user data" | "k3s" | "program" | "kit";

/** Something that a Sovereign's cluster has to have before what depends on it. */
export interface Prerequisite {
    /** What it is, in words. */
    readonly provides: string;
    readonly owner: PrerequisiteOwner;
    /** Names of what has to be there before. */
    readonly dependsOn: readonly string[];
    /** Which of the stack's resources are its own, by `<parent types>$<type>::<name>` of their URN. @default none */
    readonly resources?: RegExp;
    /** What the gate behind it looks for. @default nothing */
    readonly requires?: readonly PrerequisiteRequirement[];
    /** What to do where the gate does not find it. */
    readonly remedy?: string;
    /** Seconds after which the gate takes it for missing. @default 180 */
    readonly patienceSeconds?: number;
}

/** Prerequisites by name, each after what it depends on. */
export type PrerequisiteGraph = Readonly<Record<string, Prerequisite>>;

/** The whole graph. What a configuration does without is left out by {@link prerequisites}. */
export const PREREQUISITES = {
    network: {
        provides: "Cilium, as a HelmChart among k3s' manifests in the user data of control planes",
        owner: "user data",
        dependsOn: [],
        resources: /sovereign:cluster:ApiReady::/,
    },
    storage: {
        provides: "the default StorageClass, k3s' local-path",
        owner: "k3s",
        dependsOn: ["network"],
        requires: [{ kind: "default-storage-class" }],
        remedy:
            "k3s brings local-path unless its configuration disables local-storage: `kubectl get storageclass`, and mark one as the default with " +
            "`kubectl annotate storageclass <name> storageclass.kubernetes.io/is-default-class=true`",
    },
    namespaces: {
        provides: "the releases' namespaces: pod security labels, closed by NetworkPolicies",
        owner: "program",
        dependsOn: ["network"],
        resources: /sovereign:bootstrap:Namespaces\$/,
    },
    "pull-secrets": {
        provides: "credentials for the image registry, in every namespace that pulls from it",
        owner: "program",
        dependsOn: ["namespaces"],
        resources: /sovereign:bootstrap:PullSecrets\$/,
    },
    certificates: {
        provides:
            "the certificate of apex and wildcard, by the Sovereign's own authority until a public one is issued",
        owner: "program",
        dependsOn: ["namespaces"],
        resources: /sovereign:platform:PlatformCertificate\$/,
    },
    "gateway-definitions": {
        provides: "CustomResourceDefinitions of the Gateway API, as a release",
        owner: "program",
        dependsOn: ["network"],
        resources: /sovereign:bootstrap:Gateway\$.*-definitions$/,
        requires: GATEWAY_DEFINITIONS.map((name) => ({
            kind: "object",
            apiVersion: "apiextensions.k8s.io/v1",
            plural: "customresourcedefinitions",
            name,
            condition: "Established",
        })),
        remedy:
            "the chart that gatewayApiChart names has to define it (the standard channel of the Gateway API does): " +
            "`helm show crds` or `helm template` of the chart shows what it holds; then repeat `pulumi up`",
        // The release is there: what its chart does not hold will not come.
        patienceSeconds: 15,
    },
    "gateway-class": {
        provides: "Cilium as the controller of Gateways, by a HelmChartConfig for k3s",
        owner: "program",
        dependsOn: ["gateway-definitions"],
        resources: /sovereign:bootstrap:Gateway\$.*-cilium$/,
        requires: [
            {
                kind: "object",
                apiVersion: "gateway.networking.k8s.io/v1",
                plural: "gatewayclasses",
                name: GATEWAY_CLASS,
                condition: "Accepted",
            },
        ],
        remedy:
            "Cilium's operator accepts it once its chart was upgraded with gatewayAPI.enabled: `kubectl -n kube-system logs job/helm-install-cilium` " +
            "tells how that went, `kubectl -n kube-system rollout restart deployment/cilium-operator` makes it look for the definitions again",
    },
    gateway: {
        provides:
            "the Gateway with a listener per zone, what it may read, the way from HTTP to HTTPS",
        owner: "program",
        dependsOn: ["gateway-class", "certificates"],
        resources: /sovereign:bootstrap:Gateway\$.*-(gateway|redirect|grant-.*)$/,
        requires: [
            {
                kind: "object",
                apiVersion: "gateway.networking.k8s.io/v1",
                plural: "gateways",
                ...GATEWAY,
                condition: "Programmed",
                listeners: true,
            },
        ],
        remedy: `\`kubectl -n ${GATEWAY.namespace} describe gateway ${GATEWAY.name}\` says what its controller makes of each listener`,
    },
    "mail-server": {
        provides: "Stalwart, with what it reads",
        owner: "program",
        dependsOn: ["storage", "pull-secrets", "gateway"],
        resources: /sovereign:mail:Mail\$|ReleaseHandOver::.*-mail$/,
    },
    "cert-manager": {
        provides: "cert-manager, in a namespace that lets nothing through but what it needs",
        owner: "program",
        dependsOn: ["network"],
        resources: /sovereign:certificates:CertManager\$/,
    },
    issuers: {
        provides: "issuers for trials and for good, with the key of the challenge zone",
        owner: "program",
        dependsOn: ["cert-manager"],
        resources:
            /PublicCertificates\$kubernetes:(cert-manager\.io\/v1:ClusterIssuer|core\/v1:Secret)::/,
    },
    "public-certificates": {
        provides: "what is asked of them, for Secrets that are there already; nothing waits for it",
        owner: "program",
        dependsOn: ["issuers", "certificates", "mail-server"],
        resources:
            /PublicCertificates\$kubernetes:(cert-manager\.io\/v1:Certificate|networking\.k8s\.io\/v1:NetworkPolicy)::/,
    },
    platform: {
        provides: "catalyst-platform, with what it reads",
        owner: "program",
        // The server knows one password per account: a rotated one has to be there before anybody uses it.
        dependsOn: ["mail-server"],
        resources: /sovereign:platform:Platform\$|ReleaseHandOver::.*-platform$/,
    },
} as const satisfies PrerequisiteGraph;

/** What is there beside those where Flux runs a bootstrap kit. Who owns the two releases decides what waits for what. */
export const FLUX_PREREQUISITES = {
    flux: {
        provides:
            "Flux, by the chart of the kit's own slot, and the credentials that the kit's sources name",
        owner: "program",
        dependsOn: ["network", "storage"],
        resources: /sovereign:bootstrap:Flux\$|ReleaseHandOver::.*-flux$/,
        requires: [
            ...FLUX_DEFINITIONS.map((name) => ({
                kind: "object" as const,
                apiVersion: "apiextensions.k8s.io/v1",
                plural: "customresourcedefinitions",
                name,
                condition: "Established",
            })),
            ...FLUX_CONTROLLERS.map((name) => ({
                kind: "object" as const,
                apiVersion: "apps/v1",
                plural: "deployments",
                namespace: FLUX_NAMESPACE,
                name,
                condition: "Available",
            })),
        ],
        remedy:
            "the chart that fluxChart names has to bring it, in the version of the kit's slot 03: `helm template` shows what it holds; " +
            `\`kubectl -n ${FLUX_NAMESPACE} get pods\` tells whether its controllers run`,
    },
    kit: {
        provides:
            "the source of the kit, and what Flux applies of it, less the slots that are this program's",
        owner: "program",
        dependsOn: ["flux", "namespaces", "certificates", "cert-manager"],
        resources: /sovereign:bootstrap:(BootstrapKit|CrossplaneCredentials)\$/,
    },
    "kit-gitea": {
        provides: "the kit's bp-gitea, which the platform's slot depends on",
        owner: "kit",
        dependsOn: ["kit"],
        requires: [
            {
                kind: "object",
                apiVersion: "helm.toolkit.fluxcd.io/v2",
                plural: "helmreleases",
                namespace: FLUX_NAMESPACE,
                name: "bp-gitea",
                condition: "Ready",
            },
        ],
        remedy:
            `Flux installs it from the kit: \`kubectl -n ${FLUX_NAMESPACE} get gitrepositories,kustomizations,helmreleases\` shows how far it is and ` +
            "what keeps it; then repeat `pulumi up`",
        // Everything before it has to be pulled and started.
        patienceSeconds: 3600,
    },
} as const satisfies PrerequisiteGraph;

/** Name of a prerequisite. */
export type PrerequisiteName = keyof typeof PREREQUISITES | keyof typeof FLUX_PREREQUISITES;

/** What a configuration asks for. */
export interface PrerequisiteOptions {
    /** A Gateway serves the platform, not an Ingress. */
    readonly gateway: boolean;
    /** The image registry asks for credentials. */
    readonly pullSecrets: boolean;
    /** cert-manager asks for publicly trusted certificates. */
    readonly publicCertificates: boolean;
    /** Who owns the releases where Flux runs a kit. @default there is no kit */
    readonly kit?: GitopsConfig["owners"];
}

/** The prerequisites of a Sovereign. What depended on one that is left out depends on what that one depended on. Pure. */
export function prerequisites(options: PrerequisiteOptions): PrerequisiteGraph {
    const without = [
        ...(options.gateway ? [] : ["gateway-definitions", "gateway-class", "gateway"]),
        ...(options.pullSecrets ? [] : ["pull-secrets"]),
        ...(options.publicCertificates ? [] : ["cert-manager", "issuers", "public-certificates"]),
    ];
    return leaveOut(options.kit ? withKit(options.kit) : PREREQUISITES, without);
}

/** A release that the kit owns reads what the program writes for it, so that the kit comes after; the platform's own comes after the kit. */
function withKit(owners: GitopsConfig["owners"]): PrerequisiteGraph {
    const ofKit = (name: "mail-server" | "platform", slot: string) => ({
        ...PREREQUISITES[name],
        provides: `what the kit's ${slot} reads: Secrets, and values for it`,
        dependsOn: [...PREREQUISITES[name].dependsOn, "flux"],
    });
    const { kit, "kit-gitea": gitea, flux } = FLUX_PREREQUISITES;
    const mailServer =
        owners.mailServer === "kit"
            ? ofKit("mail-server", "slot 95")
            : PREREQUISITES["mail-server"];
    const graph = {
        ...PREREQUISITES,
        flux,
        "mail-server": mailServer,
        platform: ofKit("platform", "slot 13"),
    };
    if (owners.platform === "kit")
        return { ...graph, kit: { ...kit, dependsOn: [...kit.dependsOn, "platform"] } };
    const waiting = owners.mailServer === "kit" ? ["mail-server"] : [];
    return {
        ...graph,
        kit: { ...kit, dependsOn: [...kit.dependsOn, ...waiting] },
        "kit-gitea": gitea,
        platform: {
            ...PREREQUISITES.platform,
            dependsOn: [...PREREQUISITES.platform.dependsOn, "kit-gitea"],
        },
    };
}

function leaveOut(graph: PrerequisiteGraph, without: readonly string[]): PrerequisiteGraph {
    const bridged = (names: readonly string[]): string[] => [
        ...new Set(
            names.flatMap((name) =>
                without.includes(name) ? bridged(graph[name]?.dependsOn ?? []) : [name],
            ),
        ),
    ];
    return Object.fromEntries(
        Object.entries(graph)
            .filter(([name]) => !without.includes(name))
            .map(([name, node]) => [name, { ...node, dependsOn: bridged(node.dependsOn) }]),
    );
}

/** What the gate behind a prerequisite waits for; undefined where it needs none. */
export function gateOf(name: string, node: Prerequisite): RequiredPrerequisite | undefined {
    const { requires, remedy = "", patienceSeconds = 180 } = node;
    return requires && { name, requires, remedy, patienceSeconds };
}
