import { showLive } from "../recordSetDecisions.ts";
import { isExternalDnsClaim, type LiveRecordSet, type ZoneSnapshot } from "../zoneSnapshot.ts";

/** Types that belong to the zone or its signatures. */
const ZONES_OWN = ["SOA", "DNSKEY", "CDS", "CDNSKEY", "NSEC", "NSEC3", "NSEC3PARAM", "RRSIG"];

/**
 * Record sets that would be lost with the zone and are neither the zone's own, nor marked as ours, nor made by programs that
 * run in the Sovereign itself and write into its zone: external-dns and ACME clients.
 */
export function foreignRecords(zone: ZoneSnapshot, owner: string): LiveRecordSet[] {
    return zone.recordSets.filter(
        (set) =>
            !ZONES_OWN.includes(set.type) &&
            !(set.type === "NS" && set.name === zone.name) &&
            set.mark?.owner !== owner &&
            !set.name.startsWith("_acme-challenge.") &&
            !isExternalDnsClaim(set) &&
            !zone.ownedByExternalDns(set.name, set.type),
    );
}

/** Record sets in words, one a line, the first few of them. */
export function listed(sets: readonly LiveRecordSet[]): string {
    const lines = sets.slice(0, 10).map((set) => `  ${set.name} ${set.type} ${showLive(set)}`);
    const more = sets.length > lines.length ? [`  and ${sets.length - lines.length} more`] : [];
    return [...lines, ...more].join("\n");
}
