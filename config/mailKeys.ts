import { z } from "zod";
import { flag, hostName, list, oneOf, text, whole } from "./fields.ts";
import { key } from "./keySpec.ts";
import { isHostName, isLabel, isMailAddress } from "./names.ts";

/** SPF terms that a relay may need (RFC 7208 5). */
const SPF_TERM = /^(?:include:[a-z0-9_.-]+|a:[a-z0-9_.-]+|ip4:[0-9./]+|ip6:[0-9a-f:./]+)$/;

/** An image pinned by tag and digest, so that it is both readable and fixed. */
const PINNED_IMAGE = /^[a-z0-9.:-]+(?:\/[a-z0-9._-]+)+:[A-Za-z0-9._-]+@sha256:[0-9a-f]{64}$/;

/** Servers of a large receiver that name the client's address in their reply to EHLO. */
const DEFAULT_PROBE_TARGETS = ["gmail-smtp-in.l.google.com:25", "aspmx.l.google.com:25"];

function isHostAndPort(value: string): boolean {
    const [, host = "", port] = /^(.+):([1-9][0-9]{0,4})$/.exec(value) ?? [];
    return isHostName(host) && Number(port) <= 65_535;
}

const dkimSelector = z.strictObject(
    {
        selector: text("one label of lower-case letters, digits and hyphens", isLabel),
        algorithm: oneOf("rsa2048 or ed25519", ["rsa2048", "ed25519"]),
        state: oneOf("pending, active, retiring or revoked", [
            "pending",
            "active",
            "retiring",
            "revoked",
        ]),
    },
    { error: "a selector with its algorithm and state" },
);

const smartHost = (expected: string) =>
    z.strictObject(
        {
            host: hostName("the host name of the relay"),
            port: whole("the relay's submission port, 587 or 2525 as a rule", 1, 65_535),
            username: text("the login name at the relay", (t) => t !== "" && !/\s/.test(t)),
            spf: text("an SPF term, for example include:spf.relay.example", (t) =>
                SPF_TERM.test(t),
            ).optional(),
        },
        { error: expected },
    );

/** How the Sovereign sends and receives mail. */
export const mailKeys = {
    mailEgress: key("string", "all, pinned or smart-host", "all", (e) =>
        oneOf(e, ["all", "pinned", "smart-host"]).default("all"),
    ),
    mailPinnedNode: key("string", "the key of a node, for example w1", "cp1", (e) =>
        text(e, (t) => /^(?:cp|w)[1-9][0-9]*$/.test(t)).optional(),
    ),
    smartHost: key(
        "object",
        "host, port and username of a relay",
        {
            host: "smtp.relay.example",
            port: 587,
            username: "sovereign",
            spf: "include:spf.relay.example",
        },
        (e) => smartHost(e).optional(),
    ),
    mailIpv6: key("boolean", "true or false", false, (e) => flag(e).default(false)),
    dkim: key(
        "array",
        "one selector or more",
        [{ selector: "r1", algorithm: "rsa2048", state: "active" }],
        (e) =>
            list(e, dkimSelector, 1).default([
                { selector: "r1", algorithm: "rsa2048", state: "active" },
            ]),
    ),
    dkimTtl: key("integer", "a whole number of seconds from 1 to 86400", 300, (e) =>
        whole(e, 1, 86_400).default(300),
    ),
    dkimSignatureLifetime: key(
        "integer",
        "a whole number of seconds from 1 to 2592000 (30 days)",
        604_800,
        (e) => whole(e, 1, 2_592_000).default(604_800),
    ),
    dmarcPolicy: key("string", "none, quarantine or reject", "reject", (e) =>
        oneOf(e, ["none", "quarantine", "reject"]).default("reject"),
    ),
    dmarcTesting: key("boolean", "true or false", false, (e) => flag(e).default(true)),
    dmarcReportAddress: key("string", "a mail address", "dmarc@reports.example", (e) =>
        text(e, isMailAddress).optional(),
    ),
    mtaSts: key("string", "none, testing or enforce", "testing", (e) =>
        oneOf(e, ["none", "testing", "enforce"]).default("testing"),
    ),
    tlsa: key("boolean", "true or false", false, (e) => flag(e).default(false)),
    caaIssuers: key(
        "array",
        "a list of certificate authorities by domain, empty for no CAA record",
        ["letsencrypt.org"],
        (e) =>
            list(
                e,
                hostName("the domain of a certificate authority, for example letsencrypt.org"),
            ).default(["letsencrypt.org"]),
    ),
    publicSubmission: key("boolean", "true or false", false, (e) => flag(e).default(false)),
    mailProbeTargets: key(
        "array",
        "mail servers by name and port, for example gmail-smtp-in.l.google.com:25, empty for no look",
        DEFAULT_PROBE_TARGETS,
        (e) => list(e, text(e, isHostAndPort)).default(DEFAULT_PROBE_TARGETS),
    ),
    stalwartImage: key(
        "string",
        "an image with registry or organisation, tag and sha256 digest",
        "stalwartlabs/stalwart:v0.16.24@sha256:ec011be228596e37e65f41aab17deed573859614430472f7eeb42178c50d87b7",
        (e) =>
            text(e, (t) => PINNED_IMAGE.test(t)).default(
                "stalwartlabs/stalwart:v0.16.24@sha256:ec011be228596e37e65f41aab17deed573859614430472f7eeb42178c50d87b7",
            ),
    ),
    smtpPasswordGeneration: key(
        "integer",
        "a whole number from 1; raise it to rotate the submission password",
        2,
        (e) => whole(e, 1, 1_000_000).default(1),
    ),
} as const;
