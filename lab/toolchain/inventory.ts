import type { Binary } from "../parts.ts";
import type { Toolchain } from "./toolchain.ts";

/** Every program with its version and where it came from, by name. */
export type ToolchainInventory = Readonly<Record<string, Binary>>;

/** The programs of a toolchain as one flat table. */
export function inventory({
    binaries,
    plugins,
    pulumi,
    languageHost,
}: Toolchain): ToolchainInventory {
    return {
        pulumi,
        "pulumi-language-nodejs": languageHost,
        ...Object.fromEntries(
            Object.entries(plugins).map(([name, plugin]) => [`pulumi-resource-${name}`, plugin]),
        ),
        etcd: binaries.etcd,
        "kube-apiserver": binaries.kubeApiserver,
        "kube-controller-manager": binaries.kubeControllerManager,
        "kube-scheduler": binaries.kubeScheduler,
        kwok: binaries.kwok,
        kubectl: binaries.kubectl,
        helm: binaries.helm,
        "oci-registry": binaries.ociRegistry,
        certmanager: binaries.certManager,
        pebble: binaries.pebble,
        pdns_server: binaries.pdnsServer,
        node: { path: process.execPath, version: process.versions.node, origin: "path" },
    };
}
