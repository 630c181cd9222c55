import { z } from "zod";
import { flag, hostName, list, oneOf, text, url, whole } from "./fields.ts";
import { key } from "./keySpec.ts";
import { isIpv4, isIpv6 } from "./network.ts";
import { registrarKeys } from "./registrarKeys.ts";

const nameServer = z.strictObject(
    {
        name: hostName("the host name of a name server"),
        ipv4: text("an IPv4 address", isIpv4).optional(),
        ipv6: text("an IPv6 address", isIpv6).optional(),
    },
    { error: "a name server: its name, and its ipv4 or ipv6 where it lies under the Sovereign" },
);

/** `host:port` with an IPv4 address or a host name, or `[v6]:port`. */
function isEndpoint(value: string): boolean {
    const match = /^(?:\[([0-9a-f:]+)\]|([a-z0-9.-]+)):([0-9]{1,5})$/.exec(value);
    if (!match) return false;
    const port = Number(match[3]);
    return port >= 1 && port <= 65_535 && (match[1] === undefined || isIpv6(match[1]));
}

/** Who answers for the Sovereign's names, and who delegates to them. */
export const dnsKeys = {
    fqdn: key(
        "string",
        "a fully qualified domain name in lower case, of two labels or more of at most 63 characters each without outer hyphens, without a trailing dot",
        "omantel.omani.works",
        hostName,
    ),
    domainMode: key("string", "pool, byo-manual or byo-api", "pool", (e) =>
        oneOf(e, ["pool", "byo-manual", "byo-api"]),
    ),
    poolDomain: key("string", "the pool's domain", "omani.works", (e) => hostName(e).optional()),
    delegation: key(
        "string",
        "powerdns, dynadot, cloudflare, namecheap, godaddy, ovh or external",
        "powerdns",
        (e) =>
            oneOf(e, [
                "powerdns",
                "dynadot",
                "cloudflare",
                "namecheap",
                "godaddy",
                "ovh",
                "external",
            ]).optional(),
    ),
    nameServers: key(
        "array",
        "2 to 13 name servers (RFC 2182 5)",
        [
            { name: "ns1.openova.io", ipv4: "203.0.113.53", ipv6: "2001:db8::53" },
            { name: "ns2.openova.io", ipv4: "203.0.113.54", ipv6: "2001:db8::54" },
        ],
        (e) => list(e, nameServer, 2).max(13, { error: e }),
    ),
    dnssec: key("boolean", "true or false", true, (e) => flag(e).default(true)),
    dnssecKeys: key(
        "array",
        "one or two different names of keys, each of letters, digits, underscores, dots and hyphens, at most 32",
        ["1"],
        (e) =>
            list(
                e,
                text(e, (name) => /^[\w.-]{1,32}$/.test(name)),
                1,
            )
                .max(2, { error: e })
                .refine((names) => new Set(names).size === names.length, { error: e })
                .default(["1"]),
    ),
    nsec: key("string", "nsec or nsec3", "nsec", (e) =>
        oneOf(e, ["nsec", "nsec3"]).default("nsec"),
    ),
    ttl: key("integer", "a whole number of seconds from 60 to 86400", 300, (e) =>
        whole(e, 60, 86_400).default(300),
    ),
    powerdnsUrl: key(
        "string",
        "the http or https URL of the PowerDNS API without credentials and trailing slash",
        "https://pdns.example/api/v1",
        url,
    ),
    powerdnsServerId: key(
        "string",
        "the server's id at the API, localhost as a rule",
        "localhost",
        (e) => text(e, (t) => /^[A-Za-z0-9._-]+$/.test(t)).default("localhost"),
    ),
    dynadotUrl: key(
        "string",
        "an http or https URL without credentials and trailing slash",
        "https://api.dynadot.com",
        (e) => url(e).default("https://api.dynadot.com"),
    ),
    dynadotRequestsPerMinute: key(
        "integer",
        "60, 600 or 6000 by the account's price level (Regular, Bulk, Super Bulk), or fewer",
        60,
        (e) => whole(e, 1, 6000).default(60),
    ),
    ...registrarKeys,
    waitForDelegation: key("string", "auto, yes or no", "no", (e) =>
        oneOf(e, ["auto", "yes", "no"]).default("auto"),
    ),
    resolver: key("string", "host:port", "9.9.9.9:53", (e) => text(e, isEndpoint).optional()),
    dnsPort: key("integer", "a port from 1 to 65535", 53, (e) => whole(e, 1, 65_535).default(53)),
} as const;
