import type { JsonObject, PlanStep, Upsert } from "./stalwartRequests.ts";
import type { StalwartDkimKey, StalwartSpec } from "./stalwartSpec.ts";

/** `#dom` is replaced by the domain's id when the requests are sent. */
const DOMAIN_REF = { domainId: "#dom" };

/** Mailbox that the platform sends from and that receives bounces. */
export const SENDER = "noreply";

/** Names that `postmaster` answers for: RFC 5321 4.5.1, RFC 2142, and the addresses of the DMARC and TLS-RPT records. */
export const POSTMASTER_ALIASES = ["abuse", "dmarc", "tls-rpt"] as const;

function domain(fqdn: string): JsonObject {
    return {
        name: fqdn,
        isEnabled: true,
        allowRelaying: false,
        dkimManagement: { "@type": "Manual" },
        dnsManagement: { "@type": "Manual" },
        certificateManagement: { "@type": "Manual" },
        subAddressing: { "@type": "Disabled" },
        catchAllAddress: null,
        reportAddressUri: `mailto:dmarc@${fqdn}`,
    };
}

function account(
    name: string,
    aliases: readonly string[],
    credentials: JsonObject,
    permissions: readonly string[],
): JsonObject {
    return {
        "@type": "User",
        name,
        ...DOMAIN_REF,
        aliases: Object.fromEntries(
            aliases.map((alias, index) => [String(index), { name: alias, ...DOMAIN_REF }]),
        ),
        roles: { "@type": "User" },
        encryptionAtRest: { "@type": "Disabled" },
        credentials,
        permissions: {
            "@type": "Replace",
            enabledPermissions: Object.fromEntries(
                permissions.map((permission) => [permission, true]),
            ),
            disabledPermissions: {},
        },
    };
}

/** The domain and its two accounts. An alias is also a sender one may use, so `noreply` has none. */
export function identityUpserts(spec: StalwartSpec): Upsert[] {
    const password = {
        "0": { "@type": "Password", secret: spec.passwordHash, allowedIps: {} },
    };
    return [
        { ref: "dom", object: "Domain", value: domain(spec.fqdn) },
        {
            ref: SENDER,
            object: "Account",
            value: account(SENDER, [], password, ["authenticate", "emailSend", "emailReceive"]),
        },
        {
            ref: "postmaster",
            object: "Account",
            value: account("postmaster", POSTMASTER_ALIASES, {}, ["emailReceive"]),
        },
    ];
}

function listeners(spec: StalwartSpec): Record<string, JsonObject> {
    const bind = spec.bindAddress ?? "[::]";
    const smtp = (name: string, port: number, tlsImplicit: boolean): JsonObject => ({
        name,
        protocol: "smtp",
        bind: { [`${bind}:${port}`]: true },
        useTls: true,
        tlsImplicit,
        ...(spec.proxyTrustedNetworks.length > 0 && {
            overrideProxyTrustedNetworks: Object.fromEntries(
                spec.proxyTrustedNetworks.map((network) => [network, true]),
            ),
        }),
    });
    return {
        l1: smtp("smtp", 25, false),
        l2: smtp("submission", 587, false),
        l3: smtp("submissions", 465, true),
        l4: {
            name: "http",
            protocol: "http",
            bind: { [`${bind}:8080`]: true },
            useTls: false,
            tlsImplicit: false,
        },
    };
}

/** Header fields that the RSA signature covers. */
const SIGNED_HEADERS = [
    "From",
    "To",
    "Date",
    "Subject",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
];

function signature(key: StalwartDkimKey): JsonObject {
    const common = {
        ...DOMAIN_REF,
        selector: key.selector,
        privateKey: { "@type": "File", filePath: key.keyFile },
        canonicalization: "relaxed/relaxed",
        // On by default, which would ask receivers for failure reports (r=y).
        report: false,
        stage: "active",
    };
    return key.algorithm === "rsa2048"
        ? {
              "@type": "Dkim1RsaSha256",
              ...common,
              headers: Object.fromEntries(SIGNED_HEADERS.map((name) => [name, true])),
          }
        : { "@type": "Dkim1Ed25519Sha256", ...common };
}

function signatures(keys: readonly StalwartDkimKey[]): Record<string, JsonObject> {
    const counts = new Map<string, number>();
    return Object.fromEntries(
        keys.map((key) => {
            const letter = key.algorithm === "rsa2048" ? "r" : "e";
            const count = (counts.get(letter) ?? 0) + 1;
            counts.set(letter, count);
            return [`k${letter}${count > 1 ? count : ""}`, signature(key)];
        }),
    );
}

/** Listeners, certificate, signatures and the server's own names. */
export function identitySteps(spec: StalwartSpec): PlanStep[] {
    return [
        { kind: "replace", objects: [{ object: "NetworkListener", create: listeners(spec) }] },
        {
            kind: "replace",
            objects: [
                {
                    object: "Certificate",
                    create: {
                        crt: {
                            certificate: { "@type": "File", filePath: spec.certificateFile },
                            privateKey: { "@type": "File", filePath: spec.keyFile },
                        },
                    },
                },
            ],
        },
        { kind: "replace", objects: [{ object: "DkimSignature", create: signatures(spec.dkim) }] },
        {
            kind: "update",
            object: "SystemSettings",
            value: {
                defaultDomainId: "#dom",
                defaultHostname: spec.mailHost,
                mailExchangers: { "0": { hostname: spec.mxHost, priority: 10 } },
            },
        },
    ];
}
