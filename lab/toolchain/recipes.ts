import type { Recipe } from "./recipe.ts";
import {
    CERT_MANAGER_VERSION,
    ENGINE_VERSION,
    ETCD_VERSION,
    FLUX_VERSION,
    GATEWAY_API_VERSION,
    HELM_VERSION,
    KUBERNETES_VERSION,
    KWOK_VERSION,
    PEBBLE_VERSION,
    REGISTRY_VERSION,
    sdkVersion,
} from "./versions.ts";

/** Names by which the multi-call binary is called. */
export const KUBERNETES_PROGRAMS = [
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kwok",
    "kubectl",
] as const;

const KUBERNETES_PROVIDER = "github.com/pulumi/pulumi-kubernetes/provider/v4";

/** The commit whose module can be had from the module proxy: between upstream's 4.18.1 and 4.18.2. */
const KUBERNETES_PROVIDER_VERSION = "v4.0.0-20240930223531-b7dae6b4ea56";

function kubernetesVariables(): Record<string, string> {
    const [major, minor] = KUBERNETES_VERSION.split(".");
    const variables: Record<string, string> = {};
    for (const name of ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"])
        Object.assign(variables, {
            [`${name}.gitVersion`]: `v${KUBERNETES_VERSION}`,
            [`${name}.gitMajor`]: major,
            [`${name}.gitMinor`]: minor,
            [`${name}.gitTreeState`]: "clean",
            [`${name}.gitCommit`]: "none",
            [`${name}.buildDate`]: "1970-01-01T00:00:00Z",
        });
    return variables;
}

/** The Pulumi CLI with its engine. */
export const ENGINE: Recipe = {
    name: "engine",
    module: "engine",
    title: `pulumi ${ENGINE_VERSION}`,
    purpose: "the Pulumi engine and CLI",
    version: ENGINE_VERSION,
    programs: ["pulumi"],
    steps: [
        {
            do: "build",
            packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
            to: "pulumi",
            variables: {
                "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${ENGINE_VERSION}`,
            },
        },
    ],
};

/** The control plane, kubectl, kwok and helm; shared packages are compiled once. */
export const KUBERNETES: Recipe = {
    name: "kubernetes",
    module: "kube",
    title: `Kubernetes ${KUBERNETES_VERSION}, etcd, kwok, helm`,
    purpose: "the control planes of the lab's servers",
    version: KUBERNETES_VERSION,
    programs: [...KUBERNETES_PROGRAMS, "helm"],
    versions: { etcd: ETCD_VERSION, kwok: KWOK_VERSION, helm: HELM_VERSION },
    steps: [
        {
            do: "build",
            packages: ["./cmd/kubeall", "helm.sh/helm/v3/cmd/helm"],
            to: "",
            variables: {
                ...kubernetesVariables(),
                "sigs.k8s.io/kwok/pkg/consts.Version": `v${KWOK_VERSION}`,
                "helm.sh/helm/v3/internal/version.version": `v${HELM_VERSION}`,
            },
        },
        { do: "link", program: "kubeall", names: KUBERNETES_PROGRAMS },
    ],
};

/**
 * cert-manager's three programs in one binary, and its chart as it lies in the same Go module. They are of the Kubernetes module, so
 * that what they share is compiled once.
 */
export const CERT_MANAGER: Recipe = {
    name: "cert-manager",
    module: "kube",
    title: `cert-manager ${CERT_MANAGER_VERSION}`,
    purpose: "asks for public certificates",
    version: CERT_MANAGER_VERSION,
    programs: ["certmanager"],
    steps: [
        {
            do: "copy",
            module: `github.com/cert-manager/cert-manager@v${CERT_MANAGER_VERSION}`,
            from: "deploy/charts/cert-manager",
            to: "chart",
            result: true,
        },
        // As upstream packages it (make/manifests.mk).
        {
            do: "fill",
            template: "chart/Chart.template.yaml",
            to: "chart/Chart.yaml",
            replacements: [
                ["\\{\\{IS_PRERELEASE\\}\\}", "false"],
                ["^(version|appVersion): .*$", `$1: v${CERT_MANAGER_VERSION}`],
            ],
        },
        { do: "build", packages: ["./cmd/certmanager"], to: "certmanager" },
    ],
};

/** An ACME server that proves names as Let's Encrypt does, with an authority that nobody trusts. */
export const PEBBLE: Recipe = {
    name: "pebble",
    module: "pebble",
    title: `pebble ${PEBBLE_VERSION}`,
    purpose: "issues public certificates in the lab",
    version: PEBBLE_VERSION,
    programs: ["pebble"],
    steps: [
        {
            do: "build",
            packages: ["github.com/letsencrypt/pebble/v2/cmd/pebble"],
            to: "pebble",
        },
    ],
};

/** What kwok does with nodes and pods unless told otherwise. */
export const KWOK_STAGES: Recipe = {
    name: "kwok-stages",
    title: `kwok ${KWOK_VERSION} stages`,
    purpose: "the life of simulated nodes and pods",
    version: KWOK_VERSION,
    programs: [],
    steps: [
        {
            do: "copy",
            module: `sigs.k8s.io/kwok@v${KWOK_VERSION}`,
            from: "kustomize/stage",
            to: "stage",
            result: true,
        },
    ],
};

/** CustomResourceDefinitions of the Gateway API's standard channel. */
export const GATEWAY_API: Recipe = {
    name: "gateway-api",
    title: `Gateway API ${GATEWAY_API_VERSION}`,
    purpose: "the kinds by which the platform is reached",
    version: GATEWAY_API_VERSION,
    programs: [],
    steps: [
        {
            do: "copy",
            module: `sigs.k8s.io/gateway-api@v${GATEWAY_API_VERSION}`,
            from: "config/crd/standard",
            to: "standard",
            result: true,
        },
    ],
};

/** CustomResourceDefinitions of Flux, made of its controllers' types as their own releases are; only Go modules of the types can be had. */
export const FLUX: Recipe = {
    name: "flux",
    module: "flux",
    title: `Flux ${FLUX_VERSION} definitions`,
    purpose: "the kinds of a bootstrap kit",
    version: FLUX_VERSION,
    programs: [],
    steps: [
        {
            do: "build",
            packages: ["sigs.k8s.io/controller-tools/cmd/controller-gen"],
            to: "controller-gen",
            tool: true,
        },
        {
            do: "run",
            program: "controller-gen",
            arguments: [
                "crd:crdVersions=v1,allowDangerousTypes=true",
                ...[
                    "helm-controller/api/v2",
                    "kustomize-controller/api/v1",
                    "source-controller/api/v1",
                    "source-controller/api/v1beta2",
                ].map((types) => `paths=github.com/fluxcd/${types}`),
                "output:crd:dir={output}/definitions",
            ],
        },
    ],
};

/** The OCI registry that serves the platform's chart. */
export const REGISTRY: Recipe = {
    name: "oci-registry",
    module: "registry",
    title: `OCI registry ${REGISTRY_VERSION}`,
    purpose: "serves the platform's chart",
    version: REGISTRY_VERSION,
    programs: ["oci-registry"],
    steps: [{ do: "build", packages: ["."], to: "oci-registry" }],
};

/** Providers whose plugins are built from upstream's Terraform providers. */
export const BRIDGED = ["hcloud", "random", "tls"] as const;

/** Upstream's Terraform providers under Pulumi's bridge. Each plugin embeds the schema that `cmd/schema` derives. */
export const BRIDGED_PLUGINS: Recipe = {
    name: "bridged-plugins",
    module: "providers",
    title: `plugins ${BRIDGED.map((name) => `${name} ${sdkVersion(name)}`).join(", ")}`,
    purpose: "talk to Hetzner and make keys",
    version: BRIDGED.map((name) => `${name}-${sdkVersion(name)}`).join("_"),
    programs: BRIDGED.map((name) => `pulumi-resource-${name}`),
    versions: Object.fromEntries(
        BRIDGED.map((name) => [`pulumi-resource-${name}`, sdkVersion(name)]),
    ),
    steps: [
        { do: "build", packages: ["./cmd/schema"], to: "schema", tool: true },
        ...BRIDGED.map((name) => ({
            do: "run" as const,
            program: "schema",
            arguments: [
                name,
                "schema",
                "--out",
                `cmd/pulumi-resource-${name}`,
                "--skip-docs",
                "--skip-examples",
            ],
        })),
        {
            do: "build",
            packages: BRIDGED.map((name) => `./cmd/pulumi-resource-${name}`),
            to: "",
        },
    ],
};

/** Upstream's own Kubernetes plugin, with the schema that its module carries. */
export const KUBERNETES_PLUGIN: Recipe = {
    name: "kubernetes-plugin",
    module: "kubernetes-provider",
    title: "plugin kubernetes 4.18.1",
    purpose: "applies objects and Helm releases",
    version: "4.18.1",
    programs: ["pulumi-resource-kubernetes"],
    steps: [
        {
            do: "copy",
            module: `${KUBERNETES_PROVIDER}@${KUBERNETES_PROVIDER_VERSION}`,
            from: "cmd/pulumi-resource-kubernetes/schema.json",
            to: "schema.json",
        },
        {
            do: "build",
            packages: ["."],
            to: "pulumi-resource-kubernetes",
            variables: { [`${KUBERNETES_PROVIDER}/pkg/version.Version`]: "4.18.1" },
        },
    ],
};
