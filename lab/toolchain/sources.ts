import type { Sources } from "./acquire.ts";
import { exactly } from "./machineBinaries.ts";
import type { BinaryQuestion } from "./machineBinaries.ts";
import {
    BRIDGED,
    BRIDGED_PLUGINS,
    CERT_MANAGER,
    ENGINE,
    FLUX,
    GATEWAY_API,
    KUBERNETES,
    KUBERNETES_PLUGIN,
    KWOK_STAGES,
    PEBBLE,
    REGISTRY,
} from "./recipes.ts";
import { atLeast } from "./requirements.ts";
import { downloadEngine, downloadPlugin } from "./vendor.ts";
import {
    ENGINE_VERSION,
    ETCD_VERSION,
    HELM_VERSION,
    KUBERNETES_VERSION,
    KWOK_VERSION,
    sdkVersion,
} from "./versions.ts";
import type { ProviderName } from "./versions.ts";

/** Any 3.x that is not older than the one the project is tested with. */
function engineOrNewer(output: string): string | undefined {
    const version = /v?(3\.\d+\.\d+)/.exec(output)?.[1];
    return version !== undefined && atLeast(version, ENGINE_VERSION) ? version : undefined;
}

/** The same minor version: `1.36.x` for `1.36.1`. */
function sameMinor(version: string): (output: string) => string | undefined {
    const prefix = version.split(".").slice(0, 2).join("\\.");
    return (output) => new RegExp(`(?<![\\d.])${prefix}\\.\\d+(?![\\d.])`).exec(output)?.[0];
}

function plugin(provider: ProviderName): BinaryQuestion {
    return {
        program: `pulumi-resource-${provider}`,
        arguments: ["--version"],
        accept: exactly(sdkVersion(provider)),
    };
}

const KUBERNETES_QUESTIONS: readonly BinaryQuestion[] = [
    ...["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map((program) => ({
        program,
        arguments: ["--version"],
        accept: sameMinor(KUBERNETES_VERSION),
    })),
    { program: "etcd", arguments: ["--version"], accept: sameMinor(ETCD_VERSION) },
    { program: "kwok", arguments: ["--version"], accept: sameMinor(KWOK_VERSION) },
    {
        program: "kubectl",
        arguments: ["version", "--client"],
        accept: sameMinor(KUBERNETES_VERSION),
    },
    { program: "helm", arguments: ["version", "--short"], accept: sameMinor(HELM_VERSION) },
];

/**
 * Where everything comes from that is not a system package. The engine comes first, because the vendor's plugins are
 * downloaded with it; then the longest builds, so that none of them is left to run alone at the end. cert-manager comes after
 * Kubernetes, most of whose packages it takes from Go's build cache.
 *
 * @param pulumi - resolves to the CLI, with which the vendor's plugins are downloaded
 */
export function allSources(pulumi: () => Promise<string>) {
    return {
        engine: {
            recipe: ENGINE,
            machine: [{ program: "pulumi", arguments: ["version"], accept: engineOrNewer }],
            vendor: { version: ENGINE_VERSION, download: downloadEngine },
        },
        kubernetesPlugin: {
            recipe: KUBERNETES_PLUGIN,
            machine: [plugin("kubernetes")],
            vendor: {
                version: sdkVersion("kubernetes"),
                download: async (output) => {
                    await downloadPlugin(await pulumi(), "kubernetes", output);
                },
            },
        },
        bridgedPlugins: {
            recipe: BRIDGED_PLUGINS,
            machine: BRIDGED.map(plugin),
            vendor: {
                version: BRIDGED_PLUGINS.version,
                download: async (output) => {
                    for (const name of BRIDGED) await downloadPlugin(await pulumi(), name, output);
                },
            },
        },
        kubernetes: { recipe: KUBERNETES, machine: KUBERNETES_QUESTIONS },
        registry: { recipe: REGISTRY },
        pebble: { recipe: PEBBLE },
        certManager: { recipe: CERT_MANAGER },
        kwokStages: { recipe: KWOK_STAGES },
        gatewayApi: { recipe: GATEWAY_API },
        flux: { recipe: FLUX },
    } as const satisfies Record<string, Sources>;
}
