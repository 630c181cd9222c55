import type * as pulumi from "@pulumi/pulumi";

/** Record types that the program writes. */
export type RecordType = "A" | "AAAA" | "CAA" | "MX" | "TLSA" | "TXT";

/**
 * All records of one name and type, as data. Name, type and number of records are plain: they decide which resources exist;
 * contents may be Outputs.
 */
export interface RecordSetSpec {
    /** Fully qualified, in lower case, without a trailing dot. */
    readonly name: string;
    readonly type: RecordType;
    /** Seconds. */
    readonly ttl: number;
    /** Presentation format, names with a trailing dot; TXT as plain text, which the provider splits into strings. */
    readonly records: readonly pulumi.Input<string>[];
}

/** The record sets A and AAAA of a name; those without an address are left out. */
export function addressSets(
    name: string,
    ttl: number,
    ipv4: readonly pulumi.Input<string>[],
    ipv6: readonly pulumi.Input<string>[],
): RecordSetSpec[] {
    const sets: RecordSetSpec[] = [
        { name, type: "A", ttl, records: ipv4 },
        { name, type: "AAAA", ttl, records: ipv6 },
    ];
    return sets.filter((set) => set.records.length > 0);
}

/** The set's name in its zone: `@` for the apex, labels without the zone otherwise. Throws outside the zone. */
export function relativeName(name: string, zone: string): string {
    if (name === zone) return "@";
    if (!name.endsWith(`.${zone}`)) throw new RangeError(`${name} does not lie in ${zone}`);
    return name.slice(0, -zone.length - 1);
}

/** Logical name of the resource of a set, unique in its zone: `mail-a`, `apex-mx`, `wildcard-txt`, `_dmarc-txt`. */
export function resourceSuffix(set: Pick<RecordSetSpec, "name" | "type">, zone: string): string {
    const relative = relativeName(set.name, zone);
    const spoken = { "@": "apex", "*": "wildcard" }[relative] ?? relative;
    return `${spoken}-${set.type.toLowerCase()}`;
}

/**
 * Throws a RangeError unless the sets can stand in one zone together: each name and type once, no name outside the zone, one
 * SPF record per name (RFC 7208 3.2).
 */
export function assertRecordSets(sets: readonly RecordSetSpec[], zone: string): void {
    const seen = new Set<string>();
    for (const set of sets) {
        const id = resourceSuffix(set, zone);
        if (seen.has(id))
            throw new RangeError(`${set.name} has two record sets of type ${set.type}`);
        seen.add(id);
        if (set.records.length === 0)
            throw new RangeError(`${set.name} has an empty record set of type ${set.type}`);
        const spf = set.records.filter((r) => typeof r === "string" && r.startsWith("v=spf1"));
        if (spf.length > 1) throw new RangeError(`${set.name} has ${spf.length} SPF records`);
    }
}
