import type { JsonObject, PlanStep } from "./stalwartRequests.ts";
import type { StalwartSpec } from "./stalwartSpec.ts";

/** Largest message, in bytes. */
const MAX_MESSAGE_SIZE = 10 * 1024 * 1024;

/** How long other servers keep the MTA-STS policy: a week, in milliseconds. */
const MTA_STS_MAX_AGE = 7 * 24 * 60 * 60 * 1000;

/** An expression without conditions. */
function always(value: string): JsonObject {
    return { match: {}, else: value };
}

function update(object: string, value: JsonObject): PlanStep {
    return { kind: "update", object, value };
}

function replace(object: string, create: Readonly<Record<string, JsonObject>>): PlanStep {
    return { kind: "replace", objects: [{ object, create }] };
}

/** Who may submit, and what happens to a message on its way in. */
export function sessionSteps(): PlanStep[] {
    return [
        update("MtaStageAuth", {
            require: always("local_port != 25"),
            saslMechanisms: {
                match: { "0": { if: "local_port != 25 && is_tls", then: "[plain, login]" } },
                else: "false",
            },
            mustMatchSender: always("true"),
        }),
        update("MtaStageData", {
            addDateHeader: always("true"),
            addMessageIdHeader: always("true"),
            enableSpamFilter: always("false"),
            maxMessageSize: always(String(MAX_MESSAGE_SIZE)),
        }),
        replace("MtaInboundThrottle", {
            t1: {
                description: "public smtp per IP",
                enable: true,
                key: { remoteIp: true },
                match: always("local_port == 25"),
                rate: { count: 5, period: 1000 },
            },
            t2: {
                description: "PIN mail per recipient",
                enable: true,
                key: { sender: true, rcpt: true },
                match: always("local_port != 25"),
                rate: { count: 60, period: 3_600_000 },
            },
        }),
    ];
}

function allowedIps(spec: StalwartSpec): Record<string, JsonObject> {
    const reasons = new Map([
        [spec.podCidr, "pods"],
        [spec.nodeCidr, "nodes"],
        ...spec.proxyTrustedNetworks.map((network): [string, string] => [network, "load balancer"]),
    ]);
    return Object.fromEntries(
        [...reasons].map(([address, reason], index) => [`a${index + 1}`, { address, reason }]),
    );
}

/** Switches off everything that would ask public hosts for data. */
const withoutDownloads: PlanStep[] = [
    update("SpamSettings", { enable: false, spamFilterRulesUrl: null }),
    update("SpamPyzor", { enable: false }),
    update("SpamClassifier", { trainFrequency: null }),
    // Disabled equals the default and would not be stored on an empty store; the next start would then make the downloading default.
    update("Asn", { "@type": "Resource", asnUrls: {}, geoUrls: {} }),
    update("Asn", { "@type": "Disabled" }),
];

/** Reports to others are not sent. `postmaster@` must not be among the report addresses: its mail would be taken and thrown away. */
const reports: PlanStep[] = [
    update("ReportSettings", {
        inboundReportAddresses: { "dmarc@*": true, "tls-rpt@*": true },
        inboundReportForwarding: false,
    }),
    update("DmarcReportSettings", {
        aggregateSendFrequency: always("disable"),
        failureSendFrequency: always("false"),
    }),
    update("TlsReportSettings", { sendFrequency: always("disable") }),
    update("DkimReportSettings", { sendFrequency: always("false") }),
    update("SpfReportSettings", { sendFrequency: always("false") }),
];

/** The web application is off, yet its log-in and OAuth paths would stay open without this. */
const OPEN_PATHS = [
    "starts_with(path, '/healthz/')",
    "starts_with(path, '/metrics/')",
    "starts_with(path, '/jmap')",
    "path == '/.well-known/mta-sts.txt'",
];

/** The words of the registry for the modes of RFC 8461. */
const MTA_STS_MODES = { none: "disable", testing: "testing", enforce: "enforce" } as const;

/** Everything around the mail flow: bans, downloads, metrics, policies, logs. */
export function operationSteps(spec: StalwartSpec): PlanStep[] {
    return [
        replace("AllowedIp", allowedIps(spec)),
        ...withoutDownloads,
        update("Metrics", {
            prometheus: {
                "@type": "Enabled",
                authUsername: null,
                authSecret: { "@type": "None" },
            },
        }),
        update("MtaSts", {
            mode: MTA_STS_MODES[spec.mtaSts],
            maxAge: MTA_STS_MAX_AGE,
            mxHosts: { [spec.mxHost]: true },
        }),
        ...reports,
        update("Http", {
            allowedEndpoints: {
                match: { "0": { if: OPEN_PATHS.join(" || "), then: "200" } },
                else: "404",
            },
        }),
        // The server's own default quota silently fails to be created.
        replace("MtaQueueQuota", {
            q: {
                description: "Global queue quota",
                enable: true,
                key: { sender: true },
                messages: 10_000,
                size: 1024 ** 3,
            },
        }),
        replace("Tracer", {
            out: {
                "@type": "Stdout",
                enable: true,
                level: "info",
                ansi: false,
                multiline: false,
                buffered: false,
                lossy: false,
                events: {},
                eventsPolicy: "exclude",
            },
        }),
        replace("Application", {
            web: {
                description: "Stalwart Web Interface",
                enabled: false,
                resourceUrl:
                    "https://github.com/stalwartlabs/webui/releases/latest/download/webui.zip",
                urlPrefix: { "/admin": true, "/account": true },
            },
        }),
    ];
}
