import { z } from "zod";
import {
    CHART_REFERENCE,
    isChartReference,
    isPinnedVersion,
    versionOrPin,
} from "./chartReference.ts";
import { hostName, list, network, oneOf, text } from "./fields.ts";
import { key } from "./keySpec.ts";

const PEM = /^-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/;

/** An https URL with a path: RFC 8555, 7.1.1 wants TLS for everything. */
const isDirectory = (value: string): boolean => URL.parse(value)?.protocol === "https:";

/** `host:port` or `address:port`, as cert-manager's RFC 2136 solver takes it. */
const isServer = (value: string): boolean => {
    const [, host = "", port = ""] = /^(.+):([0-9]{1,5})$/.exec(value) ?? [];
    return (
        Number(port) > 0 &&
        Number(port) < 65_536 &&
        hostName("").or(z.ipv4()).safeParse(host).success
    );
};

/** Where publicly trusted certificates come from. */
export const certificateKeys = {
    certificateIssuer: key("string", "none, staging or production", "production", (e) =>
        oneOf(e, ["none", "staging", "production"]).default("none"),
    ),
    acmeChallenge: key("string", "dns-01 or http-01", "dns-01", (e) =>
        oneOf(e, ["dns-01", "http-01"]).default("dns-01"),
    ),
    acmeDirectory: key(
        "string",
        "the https URL of an ACME directory",
        "https://acme.example/directory",
        (e) => text(e, isDirectory).optional(),
    ),
    acmeCaBundle: key("string", "certificates in PEM", "<PEM>", (e) =>
        text(e, (t) => PEM.test(t)).optional(),
    ),
    acmeEmail: key("string", "a mail address", "hostmaster@example.org", (e) =>
        text(e, (t) => z.email().safeParse(t).success).optional(),
    ),
    acmeAccountUri: key(
        "string",
        "the https URL of an ACME account",
        "https://acme-v02.api.letsencrypt.org/acme/acct/1234567890",
        (e) => text(e, isDirectory).optional(),
    ),
    dnsUpdateServer: key(
        "string",
        "host:port or IPv4:port of the name server that takes dynamic updates",
        "192.0.2.53:53",
        (e) => text(e, isServer).optional(),
    ),
    dnsUpdateSources: key(
        "array",
        "a list of IPv4 or IPv6 networks, their host bits zero",
        ["198.51.100.0/24"],
        (e) => list(e, network("an IPv4 or IPv6 network, its host bits zero")).default([]),
    ),
    certManagerChart: key(
        "string",
        CHART_REFERENCE,
        "oci://quay.io/jetstack/charts/cert-manager",
        (e) => text(e, isChartReference).default("oci://quay.io/jetstack/charts/cert-manager"),
    ),
    certManagerChartVersion: key("string", versionOrPin("v1.19.1"), "v1.19.1", (e) =>
        text(e, (t) => isPinnedVersion(t, /^v[0-9]+\.[0-9]+\.[0-9]+$/)).default("v1.19.1"),
    ),
    certManagerValues: {
        ...key(
            "object",
            "an object with values of cert-manager's chart",
            { prometheus: { enabled: false } },
            (e) => z.record(z.string(), z.json({ error: e }), { error: e }).default({}),
        ),
        confidential: true,
    },
} as const;
