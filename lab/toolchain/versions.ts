import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

interface Manifest {
    readonly version: string;
}

function installed(name: string): string {
    return (require(`${name}/package.json`) as Manifest).version;
}

/** The providers whose npm SDKs the program uses. */
export const PROVIDERS = ["hcloud", "random", "tls", "kubernetes"] as const;

/** Name of one of {@link PROVIDERS}. */
export type ProviderName = (typeof PROVIDERS)[number];

/**
 * Version of a provider's npm SDK: the engine looks the plugin up under exactly this one
 * (https://www.pulumi.com/docs/iac/concepts/plugins/).
 */
export function sdkVersion(provider: ProviderName): string {
    return installed(`@pulumi/${provider}`);
}

/** Version of the engine and CLI: that of the npm package `pulumi`, their official installer. */
export const ENGINE_VERSION = installed("pulumi");

/** Versions of what the cluster of the lab is made of. */
export const KUBERNETES_VERSION = "1.36.1";
export const ETCD_VERSION = "3.6.16";
export const KWOK_VERSION = "0.8.0";
export const HELM_VERSION = "3.20.2";
export const REGISTRY_VERSION = "0.22.1";

/** Versions of what issues certificates in the lab. */
export const CERT_MANAGER_VERSION = "1.19.1";
export const PEBBLE_VERSION = "2.10.1";

/** The Gateway API whose definitions Cilium 1.19 implements (https://docs.cilium.io/en/v1.19/network/servicemesh/gateway-api/gateway-api/). */
export const GATEWAY_API_VERSION = "1.4.0";

/** Flux, whose controllers' kinds are of the modules in `go/flux` (its own `manifests/bases` name their versions). */
export const FLUX_VERSION = "2.4.0";
