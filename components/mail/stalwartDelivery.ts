import type { JsonObject, PlanStep } from "./stalwartRequests.ts";
import type { StalwartSpec } from "./stalwartSpec.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const IS_LOCAL = "is_local_domain(rcpt_domain)";

function routes(spec: StalwartSpec): Record<string, JsonObject> {
    return {
        local: { "@type": "Local", name: "local" },
        mx: {
            "@type": "Mx",
            name: "mx",
            ipLookupStrategy: spec.ipv6 ? "v4ThenV6" : "v4Only",
            maxMxHosts: 5,
            maxMultihomed: 2,
        },
        ...(spec.relay && {
            relay: {
                "@type": "Relay",
                name: "relay",
                address: spec.relay.host,
                port: spec.relay.port,
                protocol: "smtp",
                implicitTls: false,
                allowInvalidCerts: false,
                authUsername: spec.relay.username,
                authSecret: { "@type": "File", filePath: spec.relay.passwordFile },
            },
        }),
    };
}

/** Creating one strategy suppresses the built-in set, so its two are always among them. */
function tlsStrategies(spec: StalwartSpec): Record<string, JsonObject> {
    const opportunistic = { startTls: "optional", dane: "optional", mtaSts: "optional" };
    return {
        tdef: { name: "default", allowInvalidCerts: false, ...opportunistic },
        tinv: { name: "invalid-tls", allowInvalidCerts: true, ...opportunistic },
        ...(spec.relay && {
            trel: {
                name: "relay",
                allowInvalidCerts: false,
                startTls: "require",
                dane: "disable",
                mtaSts: "disable",
            },
        }),
    };
}

/**
 * To a relay no strategy but `relay` may ever apply: the usual retry without verification would hand its
 * credentials to whoever answers, and one without STARTTLS would get them in clear.
 */
function outboundStrategy(spec: StalwartSpec): JsonObject {
    return {
        route: {
            match: { "0": { if: IS_LOCAL, then: "'local'" } },
            else: spec.relay ? "'relay'" : "'mx'",
        },
        tls: spec.relay
            ? { match: { "0": { if: IS_LOCAL, then: "'default'" } }, else: "'relay'" }
            : {
                  match: {
                      "0": { if: "retry_num > 0 && last_error == 'tls'", then: "'invalid-tls'" },
                  },
                  else: "'default'",
              },
    };
}

function schedule(name: string, queue: string, retries: readonly number[]): JsonObject {
    return {
        name,
        description: `${name} schedule`,
        queueId: queue,
        expiry: { "@type": "Ttl", expire: DAY },
        notify: { "@type": "Custom", intervals: { "0": { duration: HOUR } } },
        retry: {
            "@type": "Custom",
            intervals: Object.fromEntries(
                retries.map((duration, index) => [String(index), { duration }]),
            ),
        },
    };
}

/** Remote mail is retried after 20 seconds where the server's default is 120: a sign-in PIN is waited for. */
const queues: PlanStep = {
    kind: "replace",
    objects: [
        {
            object: "MtaVirtualQueue",
            create: {
                vql: { name: "local", threadsPerNode: 5 },
                vqr: { name: "remote", threadsPerNode: 25 },
                vqd: { name: "dsn", threadsPerNode: 2 },
            },
        },
        {
            object: "MtaDeliverySchedule",
            callId: "cs",
            create: {
                scl: schedule("local", "#vql", [30 * SECOND, MINUTE, 5 * MINUTE]),
                scr: schedule("remote", "#vqr", [
                    20 * SECOND,
                    40 * SECOND,
                    MINUTE,
                    2 * MINUTE,
                    5 * MINUTE,
                    10 * MINUTE,
                    30 * MINUTE,
                ]),
                scd: schedule("dsn", "#vqd", [15 * MINUTE, 30 * MINUTE, HOUR]),
            },
        },
    ],
};

/** Routes, TLS towards other servers, queues and the name in EHLO. */
export function deliverySteps(spec: StalwartSpec): PlanStep[] {
    return [
        { kind: "replace", objects: [{ object: "MtaRoute", create: routes(spec) }] },
        { kind: "replace", objects: [{ object: "MtaTlsStrategy", create: tlsStrategies(spec) }] },
        { kind: "update", object: "MtaOutboundStrategy", value: outboundStrategy(spec) },
        queues,
        {
            kind: "replace",
            objects: [
                {
                    object: "MtaConnectionStrategy",
                    create: {
                        c: {
                            name: "default",
                            ehloHostname: spec.ehlo,
                            connectTimeout: 20 * SECOND,
                        },
                    },
                },
            ],
        },
    ];
}
