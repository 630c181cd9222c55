import { z } from "zod";
import { privateNetwork, text, url, whole } from "./fields.ts";
import { key } from "./keySpec.ts";

const sha256 = () =>
    text("a SHA-256 of 64 hex digits, from the release's sha256sum file", (t) =>
        /^[0-9a-f]{64}$/.test(t),
    );

/** What the cluster is made of. */
export const clusterKeys = {
    epoch: key("integer", "a whole number from 1; raise it to build the cluster anew", 2, (e) =>
        whole(e, 1, 1_000_000).default(1),
    ),
    k3sVersion: key("string", "a release of k3s, for example v1.36.1+k3s1", "v1.36.1+k3s1", (e) =>
        text(e, (t) => /^v1\.[0-9]+\.[0-9]+\+k3s[0-9]+$/.test(t)).default("v1.36.1+k3s1"),
    ),
    k3sSha256: key(
        "object",
        "the SHA-256 of the k3s binary per architecture: amd64, arm64",
        { amd64: "<sha256>", arm64: "<sha256>" },
        (e) =>
            z
                .strictObject(
                    { amd64: sha256().optional(), arm64: sha256().optional() },
                    { error: e },
                )
                .default({}),
    ),
    k3sDownloadUrl: key(
        "string",
        "an http or https URL without credentials and trailing slash",
        "https://github.com/k3s-io/k3s/releases/download",
        (e) => url(e).default("https://github.com/k3s-io/k3s/releases/download"),
    ),
    ciliumVersion: key(
        "string",
        "a version of the Cilium chart, for example 1.19.6",
        "1.19.6",
        (e) => text(e, (t) => /^[0-9]+\.[0-9]+\.[0-9]+$/.test(t)).default("1.19.6"),
    ),
    ciliumChartRepository: key(
        "string",
        "an http or https URL without credentials and trailing slash",
        "https://helm.cilium.io",
        (e) => url(e).default("https://helm.cilium.io"),
    ),
    adminCertificateGeneration: key(
        "integer",
        "a whole number from 1; raise it to renew the admin certificate",
        2,
        (e) => whole(e, 1, 1_000_000).default(1),
    ),
    adminCertificateValidityHours: key(
        "integer",
        "a whole number of hours from 1 to 87600 (ten years)",
        8760,
        (e) => whole(e, 1, 87_600).default(8760),
    ),
    podCidr: key(
        "string",
        "a private IPv4 network of /20 or larger with its host bits zero",
        "10.42.0.0/16",
        (e) => privateNetwork(e, 20).default("10.42.0.0/16"),
    ),
    serviceCidr: key(
        "string",
        "a private IPv4 network of /22 or larger with its host bits zero",
        "10.43.0.0/16",
        (e) => privateNetwork(e, 22).default("10.43.0.0/16"),
    ),
} as const;
