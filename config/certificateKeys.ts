import { z } from "zod";
import { hostName, oneOf, text } from "./fields.ts";
import { key } from "./keySpec.ts";

const OCI = /^oci:\/\/[a-z0-9.-]+(?::[0-9]+)?(?:\/[a-z0-9._-]+)+$/;
const PATH = /^\.{0,2}\/\S+$/;
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
    dnsUpdateServer: key(
        "string",
        "host:port or IPv4:port of the name server that takes dynamic updates",
        "192.0.2.53:53",
        (e) => text(e, isServer).optional(),
    ),
    certManagerChart: key(
        "string",
        "an OCI reference without a tag, or a path beginning with ./ or /",
        "oci://quay.io/jetstack/charts/cert-manager",
        (e) =>
            text(e, (t) => OCI.test(t) || PATH.test(t)).default(
                "oci://quay.io/jetstack/charts/cert-manager",
            ),
    ),
    certManagerChartVersion: key(
        "string",
        "a version of the chart, for example v1.19.1",
        "v1.19.1",
        (e) => text(e, (t) => /^v[0-9]+\.[0-9]+\.[0-9]+$/.test(t)).default("v1.19.1"),
    ),
} as const;
