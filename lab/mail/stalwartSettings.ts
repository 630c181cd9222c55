import { z } from "zod";
import type { Registry } from "./stalwartRegistry.ts";

/** A listener of the server. */
export interface ListenerSettings {
    readonly name: string;
    readonly protocol: "smtp" | "http";
    readonly port: number;
    readonly implicitTls: boolean;
    /** Networks whose connections begin with a PROXY header. */
    readonly proxyTrustedNetworks: readonly string[];
}

/** A mailbox of the server. */
export interface AccountSettings {
    /** `noreply@<domain>`, in lower case. */
    readonly address: string;
    readonly aliases: readonly string[];
    readonly passwordHash?: string;
    readonly maySend: boolean;
    readonly mayReceive: boolean;
}

/** What the stand-in plays of a plan. */
export interface ServerSettings {
    readonly hostname: string;
    readonly domain: string;
    readonly listeners: readonly ListenerSettings[];
    readonly accounts: readonly AccountSettings[];
    readonly certificateFile: string;
    readonly keyFile: string;
    readonly dkim: readonly {
        readonly selector: string;
        readonly type: "rsa" | "ed25519";
        readonly keyFile: string;
    }[];
    /** Bytes. */
    readonly maxMessageSize: number;
    readonly mtaSts: {
        readonly mode: "none" | "testing" | "enforce";
        /** Seconds. */
        readonly maxAge: number;
        readonly mx: readonly string[];
    };
}

/** Object types of a plan that change nothing in what the stand-in plays: outbound, throttles, logs, downloads. */
const WITHOUT_EFFECT = [
    "AllowedIp",
    "Application",
    "Asn",
    "DkimReportSettings",
    "DmarcReportSettings",
    "Http",
    "Metrics",
    "MtaConnectionStrategy",
    "MtaDeliverySchedule",
    "MtaInboundThrottle",
    "MtaOutboundStrategy",
    "MtaQueueQuota",
    "MtaRoute",
    "MtaTlsStrategy",
    "MtaVirtualQueue",
    "ReportSettings",
    "SpamClassifier",
    "SpamPyzor",
    "SpamSettings",
    "SpfReportSettings",
    "TlsReportSettings",
    "Tracer",
];

const file = z.strictObject({ "@type": z.literal("File"), filePath: z.string() });
const members = z.record(z.string(), z.literal(true)).transform((set) => Object.keys(set));
const variant = (name: string) => z.strictObject({ "@type": z.literal(name) });
/** An expression that the stand-in plays in this one form. */
const always = (value: string) =>
    z.strictObject({ match: z.strictObject({}), else: z.literal(value) });

const TYPES = {
    Domain: z.strictObject({
        name: z.string(),
        isEnabled: z.literal(true),
        allowRelaying: z.literal(false),
        dkimManagement: variant("Manual"),
        dnsManagement: variant("Manual"),
        certificateManagement: variant("Manual"),
        subAddressing: variant("Disabled"),
        catchAllAddress: z.null(),
        reportAddressUri: z.string(),
    }),
    Account: z.strictObject({
        "@type": z.literal("User"),
        name: z.string(),
        domainId: z.literal("#dom"),
        aliases: z.record(
            z.string(),
            z.strictObject({ name: z.string(), domainId: z.literal("#dom") }),
        ),
        roles: variant("User"),
        encryptionAtRest: variant("Disabled"),
        credentials: z.record(
            z.string(),
            z.strictObject({
                "@type": z.literal("Password"),
                secret: z.string().regex(/^\$2[abxy]\$\d\d\$.{53}$/, "not a bcrypt hash"),
                allowedIps: z.strictObject({}),
            }),
        ),
        permissions: z.strictObject({
            "@type": z.literal("Replace"),
            enabledPermissions: members,
            disabledPermissions: z.strictObject({}),
        }),
    }),
    NetworkListener: z.strictObject({
        name: z.string(),
        protocol: z.enum(["smtp", "http"]),
        bind: members,
        useTls: z.boolean(),
        tlsImplicit: z.boolean(),
        overrideProxyTrustedNetworks: members.optional(),
    }),
    Certificate: z.strictObject({ certificate: file, privateKey: file }),
    DkimSignature: z.strictObject({
        "@type": z.enum(["Dkim1RsaSha256", "Dkim1Ed25519Sha256"]),
        domainId: z.literal("#dom"),
        selector: z.string(),
        privateKey: file,
        canonicalization: z.literal("relaxed/relaxed"),
        headers: members.optional(),
        report: z.literal(false),
        stage: z.literal("active"),
    }),
    SystemSettings: z.strictObject({
        defaultDomainId: z.literal("#dom"),
        defaultHostname: z.string(),
        mailExchangers: z.record(
            z.string(),
            z.strictObject({ hostname: z.string(), priority: z.number() }),
        ),
    }),
    MtaStageAuth: z.strictObject({
        require: always("local_port != 25"),
        saslMechanisms: z.strictObject({
            match: z.strictObject({
                "0": z.strictObject({
                    if: z.literal("local_port != 25 && is_tls"),
                    then: z.literal("[plain, login]"),
                }),
            }),
            else: z.literal("false"),
        }),
        mustMatchSender: always("true"),
    }),
    MtaStageData: z.strictObject({
        addDateHeader: always("true"),
        addMessageIdHeader: always("true"),
        enableSpamFilter: always("false"),
        maxMessageSize: z.strictObject({
            match: z.strictObject({}),
            else: z.string().regex(/^\d+$/),
        }),
    }),
    MtaSts: z.strictObject({
        mode: z.enum(["disable", "testing", "enforce"]),
        maxAge: z.number(),
        mxHosts: members,
    }),
} as const;

type TypeName = keyof typeof TYPES;

/** All objects of a type, checked; throws with the place and what is wrong there. */
function all<T extends TypeName>(registry: Registry, type: T): z.output<(typeof TYPES)[T]>[] {
    const schema: z.ZodType = TYPES[type];
    return [...(registry.get(type) ?? [])].map(([ref, value]) => {
        const result = schema.safeParse(value);
        if (result.success) return result.data as z.output<(typeof TYPES)[T]>;
        const issues = result.error.issues.map(
            (issue) => `${[type, ref, ...issue.path.map(String)].join(".")}: ${issue.message}`,
        );
        throw new Error(`the plan has what the stand-in does not play: ${issues.join("; ")}`);
    });
}

function one<T extends TypeName>(registry: Registry, type: T): z.output<(typeof TYPES)[T]> {
    const [first, ...more] = all(registry, type);
    if (first === undefined || more.length > 0)
        throw new Error(
            `the plan has ${more.length + (first === undefined ? 0 : 1)} objects of type ${type}; the stand-in plays one`,
        );
    return first;
}

function listener(value: z.output<typeof TYPES.NetworkListener>): ListenerSettings {
    const [bind, ...more] = value.bind;
    const port = Number(/:(\d+)$/.exec(bind ?? "")?.[1]);
    if (more.length > 0 || !Number.isInteger(port))
        throw new Error(`listener ${value.name} must bind one address and port`);
    if (value.protocol === "http" && value.useTls)
        throw new Error(`listener ${value.name}: the stand-in plays HTTP without TLS only`);
    return {
        name: value.name,
        protocol: value.protocol,
        port,
        implicitTls: value.tlsImplicit,
        proxyTrustedNetworks: value.overrideProxyTrustedNetworks ?? [],
    };
}

function account(value: z.output<typeof TYPES.Account>, domain: string): AccountSettings {
    const hash = Object.values(value.credentials)[0]?.secret;
    const may = (permission: string) => value.permissions.enabledPermissions.includes(permission);
    return {
        address: `${value.name}@${domain}`,
        aliases: Object.values(value.aliases).map((alias) => `${alias.name}@${domain}`),
        ...(hash !== undefined && may("authenticate") ? { passwordHash: hash } : {}),
        maySend: may("emailSend"),
        mayReceive: may("emailReceive"),
    };
}

/** What a server with this registry does, as far as the stand-in plays it. Throws on everything it does not know. */
export function serverSettings(registry: Registry): ServerSettings {
    const unknown = [...registry.keys()].filter(
        (type) => !(type in TYPES) && !WITHOUT_EFFECT.includes(type),
    );
    if (unknown.length > 0)
        throw new Error(`the plan has what the stand-in does not play: ${unknown.join(", ")}`);
    const domain = one(registry, "Domain").name;
    const certificate = one(registry, "Certificate");
    const sts = one(registry, "MtaSts");
    one(registry, "MtaStageAuth");
    return {
        hostname: one(registry, "SystemSettings").defaultHostname,
        domain,
        listeners: all(registry, "NetworkListener").map(listener),
        accounts: all(registry, "Account").map((value) => account(value, domain)),
        certificateFile: certificate.certificate.filePath,
        keyFile: certificate.privateKey.filePath,
        dkim: all(registry, "DkimSignature").map((value) => ({
            selector: value.selector,
            type: value["@type"] === "Dkim1RsaSha256" ? "rsa" : "ed25519",
            keyFile: value.privateKey.filePath,
        })),
        maxMessageSize: Number(one(registry, "MtaStageData").maxMessageSize.else),
        mtaSts: {
            mode: sts.mode === "disable" ? "none" : sts.mode,
            maxAge: sts.maxAge / 1000,
            mx: sts.mxHosts,
        },
    };
}
