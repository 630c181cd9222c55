/** Our mark; a zone below the lab's pool domain, that domain, and a zone that somebody else has made. */
export const OWNER = "pulumi:zones/dev";
export const POOL = "omani.example.";
export const ZONE = `tenant.${POOL}`;
export const LEGACY = "legacy.example.";

const SERVERS = ["ns1.openova.example.", "ns2.openova.example."];

/** The zone. */
export const zone = { name: ZONE, nameServers: SERVERS, owner: OWNER };

/** Its delegation in the pool's zone at the same PowerDNS. */
export const delegation = {
    domain: ZONE,
    via: "powerdns" as const,
    parent: POOL,
    nameServers: SERVERS.map((name) => ({ name })),
    ttl: 60,
    owner: OWNER,
    signedBy: "tenant",
};

function set<const T extends string, const R extends readonly [string, ...string[]]>(
    label: string,
    type: T,
    ...records: R
) {
    const name = label === "@" ? ZONE : `${label}.${ZONE}`;
    return { zone: ZONE, name, type, ttl: 300, records: [...records] as [...R], owner: OWNER };
}

/** Record sets such as a Sovereign has, one of each kind that is not like the others, and as many again. */
export const recordSets = {
    apex: set("@", "ALIAS", `web.${ZONE}`),
    mx: set("@", "MX", `10 mail.${ZONE}`),
    spf: set("@", "TXT", "v=spf1 ip4:192.0.2.25 -all"),
    caa: set("@", "CAA", '0 issue "letsencrypt.org"', '0 iodef "mailto:dns@openova.example"'),
    web: set("web", "A", "192.0.2.80"),
    web6: set("web", "AAAA", "2001:db8::80"),
    www: set("www", "CNAME", `web.${ZONE}`),
    mail: set("mail", "A", "192.0.2.25"),
    mailHttps: set("mail", "HTTPS", "1 . alpn=h2,h3"),
    geo: set("geo", "LUA", "A \"pickclosest({'192.0.2.80'})\""),
    dkim: set("s1._domainkey", "TXT", `v=DKIM1; k=rsa; p=${"x".repeat(392)}`),
    dmarc: set("_dmarc", "TXT", "v=DMARC1; p=reject; rua=mailto:dmarc@openova.example"),
    tlsa: set("_25._tcp.mail", "TLSA", `3 1 1 ${"ab".repeat(32)}`),
    submission: set("_submissions._tcp", "SRV", `0 1 465 mail.${ZONE}`),
    ...Object.fromEntries(
        [
            "api",
            "admin",
            "auth",
            "console",
            "gitea",
            "harbor",
            "registry",
            "status",
            "vault",
            "k8s",
        ].map((label) => [label, set(label, "A", "192.0.2.80")] as const),
    ),
    wildcard: set("*", "A", "192.0.2.80"),
};
