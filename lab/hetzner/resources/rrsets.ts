import { z } from "zod";
import { ApiError, invalidField } from "../errors.ts";
import { field } from "../http/route.ts";
import type { RrsetRecord, ZoneRecord } from "../state/model.ts";

/** Records of one set (https://docs.hetzner.cloud/reference/cloud#zone-rrsets). */
const MAX_RECORDS = 50;

const NAME =
    /^(?:@|(?:\*|[a-z0-9_](?:[-a-z0-9_]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[-a-z0-9_]{0,61}[a-z0-9_])?)*)$/;

const TYPES = [
    "A",
    "AAAA",
    "CAA",
    "CNAME",
    "DS",
    "HINFO",
    "HTTPS",
    "MX",
    "NS",
    "PTR",
    "RP",
    "SOA",
    "SRV",
    "SVCB",
    "TLSA",
    "TXT",
] as const;

export const recordBody = z.object({
    value: z.string().min(1),
    comment: z.string().max(255).default(""),
});

export const recordsBody = z.array(recordBody).min(1).max(MAX_RECORDS);

export const rrsetTtl = z.number().int().min(60).max(2_147_483_647).nullish();

export const rrsetBody = z.object({
    name: z.string().regex(NAME, "must be lower-case, or @"),
    type: z.enum(TYPES),
    ttl: rrsetTtl,
    records: recordsBody,
    labels: field.labels,
});

/** Refuses the same value twice. */
export function checkDistinct(records: readonly { readonly value: string }[]): void {
    if (new Set(records.map((record) => record.value)).size < records.length)
        throw invalidField("records", "must be distinct");
    if (records.length > MAX_RECORDS)
        throw invalidField("records", `at most ${MAX_RECORDS} records`);
}

/** A record set that may be added to the zone. */
export function checkNewRrset(zone: ZoneRecord, input: z.output<typeof rrsetBody>): RrsetRecord {
    if (zone.mode !== "primary")
        throw new ApiError("incorrect_zone_mode", "zone is not a primary zone");
    if (zone.rrsets.some((other) => other.name === input.name && other.type === input.type))
        throw new ApiError("uniqueness_error", "RRSet already exists");
    checkDistinct(input.records);
    return {
        name: input.name,
        type: input.type,
        ttl: input.ttl ?? null,
        labels: input.labels ?? {},
        protection: { change: false },
        records: input.records,
    };
}

/** SOA and NS, which every zone has from its beginning. */
export function initialRrsets(nameServers: readonly string[]): RrsetRecord[] {
    const [primary = ""] = nameServers;
    const rrset = (type: string, values: readonly string[]): RrsetRecord => ({
        name: "@",
        type,
        ttl: type === "NS" ? 3600 : null,
        labels: {},
        protection: { change: false },
        records: values.map((value) => ({ value, comment: "" })),
    });
    return [
        rrset("SOA", [`${primary} dns.hetzner.com. 2024010100 86400 10800 3600000 3600`]),
        rrset("NS", nameServers),
    ];
}
