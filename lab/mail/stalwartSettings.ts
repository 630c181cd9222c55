import { z } from "zod";
import { all, always, file, members, one, variant, when } from "./planSchema.ts";
import { outboundSettings, throttles } from "./stalwartOutbound.ts";
import type { OutboundSettings, Throttle } from "./stalwartOutbound.ts";
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

/** A key that signs what accounts of the domain submit. */
export interface DkimSettings {
    readonly selector: string;
    readonly type: "rsa" | "ed25519";
    readonly keyFile: string;
    /** Header fields that the signature covers, where a message has them. */
    readonly headers: readonly string[];
}

/** What the stand-in plays of a plan. */
export interface ServerSettings {
    readonly hostname: string;
    readonly domain: string;
    readonly listeners: readonly ListenerSettings[];
    readonly accounts: readonly AccountSettings[];
    readonly certificateFile: string;
    readonly keyFile: string;
    readonly dkim: readonly DkimSettings[];
    readonly outbound: OutboundSettings;
    readonly throttles: readonly Throttle[];
    /** Whether `/metrics/prometheus` is open to all. */
    readonly metrics: boolean;
    /** Bytes. */
    readonly maxMessageSize: number;
    readonly mtaSts: {
        readonly mode: "none" | "testing" | "enforce";
        /** Seconds. */
        readonly maxAge: number;
        readonly mx: readonly string[];
    };
}

/** Object types of a plan that change nothing in what the stand-in plays: bans, quotas, reports, logs, downloads. */
const WITHOUT_EFFECT = [
    "AllowedIp",
    "Application",
    "Asn",
    "DkimReportSettings",
    "DmarcReportSettings",
    "Http",
    "MtaQueueQuota",
    "ReportSettings",
    "SpamClassifier",
    "SpamPyzor",
    "SpamSettings",
    "SpfReportSettings",
    "TlsReportSettings",
    "Tracer",
];

/** Object types that {@link outboundSettings} and {@link throttles} read. */
const OUTBOUND = [
    "MtaConnectionStrategy",
    "MtaDeliverySchedule",
    "MtaInboundThrottle",
    "MtaOutboundStrategy",
    "MtaRoute",
    "MtaTlsStrategy",
    "MtaVirtualQueue",
];

/** Header fields that a signature covers whose object names none (the server's own default). */
const SIGNED_BY_DEFAULT = ["From", "To", "Date", "Subject", "Message-ID"];

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
        saslMechanisms: when("local_port != 25 && is_tls", "[plain, login]", "false"),
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
    Metrics: z.strictObject({
        prometheus: z.strictObject({
            "@type": z.literal("Enabled"),
            authUsername: z.null(),
            authSecret: variant("None"),
        }),
    }),
    MtaSts: z.strictObject({
        mode: z.enum(["disable", "testing", "enforce"]),
        maxAge: z.number(),
        mxHosts: members,
    }),
} as const;

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

function dkim(value: z.output<typeof TYPES.DkimSignature>): DkimSettings {
    return {
        selector: value.selector,
        type: value["@type"] === "Dkim1RsaSha256" ? "rsa" : "ed25519",
        keyFile: value.privateKey.filePath,
        headers: value.headers ?? SIGNED_BY_DEFAULT,
    };
}

function checkTypes(registry: Registry): void {
    const known = [...Object.keys(TYPES), ...OUTBOUND, ...WITHOUT_EFFECT];
    const unknown = [...registry.keys()].filter((type) => !known.includes(type));
    if (unknown.length > 0)
        throw new Error(`the plan has what the stand-in does not play: ${unknown.join(", ")}`);
}

/** What a server with this registry does, as far as the stand-in plays it. Throws on everything it does not know. */
export function serverSettings(registry: Registry): ServerSettings {
    checkTypes(registry);
    const domain = one(registry, "Domain", TYPES.Domain).name;
    const certificate = one(registry, "Certificate", TYPES.Certificate);
    const sts = one(registry, "MtaSts", TYPES.MtaSts);
    one(registry, "MtaStageAuth", TYPES.MtaStageAuth);
    return {
        hostname: one(registry, "SystemSettings", TYPES.SystemSettings).defaultHostname,
        domain,
        listeners: all(registry, "NetworkListener", TYPES.NetworkListener).map(listener),
        accounts: all(registry, "Account", TYPES.Account).map((value) => account(value, domain)),
        certificateFile: certificate.certificate.filePath,
        keyFile: certificate.privateKey.filePath,
        dkim: all(registry, "DkimSignature", TYPES.DkimSignature).map(dkim),
        outbound: outboundSettings(registry),
        throttles: throttles(registry),
        metrics: all(registry, "Metrics", TYPES.Metrics).length > 0,
        maxMessageSize: Number(
            one(registry, "MtaStageData", TYPES.MtaStageData).maxMessageSize.else,
        ),
        mtaSts: {
            mode: sts.mode === "disable" ? "none" : sts.mode,
            maxAge: sts.maxAge / 1000,
            mx: sts.mxHosts,
        },
    };
}
