import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JmapRequest, RequestFiles } from "../../../components/mail/stalwartRequests.ts";
import type { StalwartSpec } from "../../../components/mail/stalwartSpec.ts";

const EXPECTED = join(import.meta.dirname, "expected");

/** The request files observed on the real server. */
export function observedRequests(): RequestFiles {
    return Object.fromEntries(
        readdirSync(EXPECTED)
            .filter((name) => name.endsWith(".json"))
            .map((name) => [
                name,
                JSON.parse(readFileSync(join(EXPECTED, name), "utf8")) as JmapRequest,
            ]),
    );
}

/** The spec whose plan was observed. */
export const OBSERVED_SPEC: StalwartSpec = {
    fqdn: "sov.test",
    mailHost: "mail.sov.test",
    ehlo: "mail.sov.test",
    mxHost: "mail.sov.test",
    dkim: [
        { selector: "r202611", algorithm: "rsa2048", keyFile: "/dkim/r202611.pem" },
        { selector: "e202611", algorithm: "ed25519", keyFile: "/dkim/e202611.pem" },
    ],
    passwordHash: "$2b$10$P1yMmi0DDcecUjuXseobGelY1ke4u4dcKZs8PfkaQLvOg8K6J5BHO",
    certificateFile: "/tls/tls.crt",
    keyFile: "/tls/tls.key",
    relay: {
        host: "relay.ext.test",
        port: 2626,
        username: "u",
        passwordFile: "/relay/password",
    },
    podCidr: "10.42.0.0/16",
    nodeCidr: "10.0.0.0/16",
    proxyTrustedNetworks: [],
    mtaSts: "enforce",
    bindAddress: "127.0.0.1",
};

/** A Sovereign behind a load balancer that sends directly, with one key. */
export function directSpec(): StalwartSpec {
    return {
        fqdn: "omantel.example",
        mailHost: "mail.omantel.example",
        ehlo: "mail.omantel.example",
        mxHost: "mx.omantel.example",
        dkim: [{ selector: "r202611", algorithm: "rsa2048", keyFile: "/dkim/r202611.pem" }],
        passwordHash: OBSERVED_SPEC.passwordHash,
        certificateFile: "/tls/tls.crt",
        keyFile: "/tls/tls.key",
        podCidr: "10.42.0.0/16",
        nodeCidr: "10.0.1.0/24",
        proxyTrustedNetworks: ["10.0.0.254/32"],
        mtaSts: "testing",
    };
}
