import { z } from "zod";
import { all, always, file, one, when } from "./planSchema.ts";
import type { Registry } from "./stalwartRegistry.ts";

/** How a connection to another server is secured. */
export interface TlsStrategy {
    /** Whether a server without STARTTLS gets nothing. */
    readonly required: boolean;
    /** Whether its certificate must be valid for its name. */
    readonly verified: boolean;
}

/** A smart host that takes all outbound mail. */
export interface RelayRoute {
    readonly kind: "relay";
    readonly host: string;
    readonly port: number;
    readonly username: string;
    readonly passwordFile: string;
}

/** Delivery to the recipients' own servers. */
export interface MxRoute {
    readonly kind: "mx";
    /** How many servers of a domain are tried, and how many addresses of each. */
    readonly maxHosts: number;
    readonly maxAddresses: number;
}

/** How mail leaves the server. */
export interface OutboundSettings {
    /** Name in EHLO. */
    readonly ehlo: string;
    /** Milliseconds. */
    readonly connectTimeout: number;
    readonly route: RelayRoute | MxRoute;
    /** Applied to an attempt; `afterTlsFailure` to the one after an attempt that failed for TLS. */
    readonly tls: { readonly usual: TlsStrategy; readonly afterTlsFailure: TlsStrategy };
    /** Milliseconds until each next attempt; the last one repeats. */
    readonly retries: readonly number[];
    /** Milliseconds after which a message is given up. */
    readonly expiry: number;
}

const IS_LOCAL = "is_local_domain(rcpt_domain)";

const route = z.discriminatedUnion("@type", [
    z.strictObject({ "@type": z.literal("Local"), name: z.literal("local") }),
    z.strictObject({
        "@type": z.literal("Mx"),
        name: z.literal("mx"),
        ipLookupStrategy: z.literal("v4Only"),
        maxMxHosts: z.int().min(1),
        maxMultihomed: z.int().min(1),
    }),
    z.strictObject({
        "@type": z.literal("Relay"),
        name: z.literal("relay"),
        address: z.string(),
        port: z.int(),
        protocol: z.literal("smtp"),
        implicitTls: z.literal(false),
        allowInvalidCerts: z.literal(false),
        authUsername: z.string(),
        authSecret: file,
    }),
]);

/**
 * DANE and MTA-STS towards others are not played: of the servers that a lab has, none publishes either, and with "optional" such a
 * server is treated as any other.
 */
const tlsStrategy = z.strictObject({
    name: z.enum(["default", "invalid-tls", "relay"]),
    allowInvalidCerts: z.boolean(),
    startTls: z.enum(["optional", "require"]),
    dane: z.enum(["optional", "disable"]),
    mtaSts: z.enum(["optional", "disable"]),
});

const toMx = z.strictObject({
    route: when(IS_LOCAL, "'local'", "'mx'"),
    tls: when("retry_num > 0 && last_error == 'tls'", "'invalid-tls'", "'default'"),
});

/** In this form no strategy but `relay` ever applies to the relay, so that its credentials reach nobody else. */
const toRelay = z.strictObject({
    route: when(IS_LOCAL, "'local'", "'relay'"),
    tls: when(IS_LOCAL, "'default'", "'relay'"),
});

const strategy = z.union([toMx, toRelay]);

const schedule = z.strictObject({
    name: z.string(),
    description: z.string(),
    queueId: z.string(),
    expiry: z.strictObject({ "@type": z.literal("Ttl"), expire: z.int() }),
    notify: z.strictObject({ "@type": z.literal("Custom"), intervals: z.unknown() }),
    retry: z.strictObject({
        "@type": z.literal("Custom"),
        intervals: z.record(z.string(), z.strictObject({ duration: z.int().min(1) })),
    }),
});

const connection = z.strictObject({
    name: z.literal("default"),
    ehloHostname: z.string(),
    connectTimeout: z.int(),
});

function routeOf(registry: Registry, name: "mx" | "relay"): RelayRoute | MxRoute {
    const found = all(registry, "MtaRoute", route).find((each) => each.name === name);
    if (found === undefined || found["@type"] === "Local")
        throw new Error(`the plan sends mail by the route ${name}, which it does not have`);
    return found["@type"] === "Mx"
        ? { kind: "mx", maxHosts: found.maxMxHosts, maxAddresses: found.maxMultihomed }
        : {
              kind: "relay",
              host: found.address,
              port: found.port,
              username: found.authUsername,
              passwordFile: found.authSecret.filePath,
          };
}

function tlsOf(registry: Registry, name: string): TlsStrategy {
    const found = all(registry, "MtaTlsStrategy", tlsStrategy).find((each) => each.name === name);
    if (found === undefined) throw new Error(`the plan has no TLS strategy ${name}`);
    return { required: found.startTls === "require", verified: !found.allowInvalidCerts };
}

/** How a server with this registry sends. Throws on everything that the stand-in does not play. */
export function outboundSettings(registry: Registry): OutboundSettings {
    const outbound = one(registry, "MtaOutboundStrategy", strategy);
    const relayed = outbound.route.else === "'relay'";
    const { ehloHostname, connectTimeout } = one(registry, "MtaConnectionStrategy", connection);
    all(registry, "MtaVirtualQueue", z.strictObject({ name: z.string(), threadsPerNode: z.int() }));
    const remote = all(registry, "MtaDeliverySchedule", schedule).find(
        ({ name }) => name === "remote",
    );
    if (remote === undefined) throw new Error("the plan has no delivery schedule for remote mail");
    return {
        ehlo: ehloHostname,
        connectTimeout,
        route: routeOf(registry, relayed ? "relay" : "mx"),
        tls: relayed
            ? { usual: tlsOf(registry, "relay"), afterTlsFailure: tlsOf(registry, "relay") }
            : {
                  usual: tlsOf(registry, "default"),
                  afterTlsFailure: tlsOf(registry, "invalid-tls"),
              },
        retries: Object.values(remote.retry.intervals).map(({ duration }) => duration),
        expiry: remote.expiry.expire,
    };
}

/** A limit on what clients may do in a time. */
export interface Throttle {
    /** `address`: connections of one client address to port 25; `pair`: messages of one sender to one recipient elsewhere. */
    readonly kind: "address" | "pair";
    readonly count: number;
    /** Milliseconds. */
    readonly period: number;
}

const rate = z.strictObject({ count: z.int().min(1), period: z.int().min(1) });
const throttle = z.union([
    z
        .strictObject({
            description: z.string(),
            enable: z.literal(true),
            key: z.strictObject({ remoteIp: z.literal(true) }),
            match: always("local_port == 25"),
            rate,
        })
        .transform(({ rate: limit }): Throttle => ({ kind: "address", ...limit })),
    z
        .strictObject({
            description: z.string(),
            enable: z.literal(true),
            key: z.strictObject({ sender: z.literal(true), rcpt: z.literal(true) }),
            match: always("local_port != 25"),
            rate,
        })
        .transform(({ rate: limit }): Throttle => ({ kind: "pair", ...limit })),
]);

/** The limits of a server with this registry. */
export function throttles(registry: Registry): Throttle[] {
    return all(registry, "MtaInboundThrottle", throttle);
}
