import ipaddr from "ipaddr.js";

/** Where the manifest of a chart's version is. */
export interface ManifestLocation {
    /** Origin of the registry. */
    readonly registry: URL;
    readonly repository: string;
    readonly url: URL;
}

/** Docker Hub answers at another host than its references name (`DefaultRegistry` of distribution's reference grammar). */
const ANSWERS_AT: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

/**
 * Where a registry has the manifest of `chart` (`oci://<host>[:<port>]/<repository>`) in `version`. HTTP only at loopback, as Helm does it. Pure.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
 */
export function manifestLocation(chart: string, version: string): ManifestLocation {
    const [, host = "", repository = ""] = /^oci:\/\/([^/]+)\/(.+)$/.exec(chart) ?? [];
    const name = host.replace(/:[0-9]+$/, "");
    const scheme = isLoopback(name) ? "http" : "https";
    const registry = new URL(`${scheme}://${ANSWERS_AT[host] ?? host}`);
    // A tag cannot hold the + of a version; Helm writes _ (https://helm.sh/docs/topics/registries/#oci-feature-deprecation-and-behavior-changes-with-v380).
    const tag = version.replaceAll("+", "_");
    return {
        registry,
        repository,
        url: new URL(`/v2/${repository}/manifests/${encodeURIComponent(tag)}`, registry),
    };
}

function isLoopback(host: string): boolean {
    return (
        host === "localhost" ||
        (ipaddr.IPv4.isValidFourPartDecimal(host) && ipaddr.parse(host).range() === "loopback")
    );
}
