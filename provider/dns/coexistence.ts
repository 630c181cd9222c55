import { namesBetween } from "./names.ts";
import type { RecordSetKey } from "./recordSets.ts";
import type { LiveRecordSet, ZoneSnapshot } from "./zoneSnapshot.ts";

/** Types that stand beside a CNAME, since they sign it (RFC 4034, 2.5 and 3). */
const BESIDE_CNAME = ["RRSIG", "NSEC", "NSEC3"];

/** Whether two types cannot stand at one name: a CNAME stands alone (RFC 2181, 10.1). */
export function exclude(a: string, b: string): boolean {
    if (a === b) return false;
    return (
        (a === "CNAME" && !BESIDE_CNAME.includes(b)) || (b === "CNAME" && !BESIDE_CNAME.includes(a))
    );
}

/** Live record sets that cannot stand beside `desired`. */
export function excluding(zone: ZoneSnapshot, desired: RecordSetKey): LiveRecordSet[] {
    return zone.at(desired.name).filter(({ type }) => exclude(type, desired.type));
}

/** Why nobody would see a record at the name, and what to do: a delegation or a DNAME above it. Undefined when it is seen. */
export function occlusion(zone: ZoneSnapshot, name: string): string | undefined {
    const cut = zone.cutAbove(name);
    if (cut !== undefined)
        return (
            `${zone.name} delegates ${cut.name} to ${cut.contents.join(", ")}. ` +
            `Write it in the zone ${cut.name} instead.`
        );
    if (name === zone.name) return undefined;
    const redirection = [...namesBetween(name, zone.name), zone.name]
        .map((ancestor) => zone.find(ancestor, "DNAME"))
        .find((set) => set !== undefined);
    return redirection === undefined
        ? undefined
        : `the DNAME at ${redirection.name} redirects everything below it to ${redirection.contents.join(", ")} (RFC 6672, 2.4). ` +
              "Write it there instead.";
}

/** Why the type cannot stand at the name in the zone at all, and where it belongs; undefined when it can. */
export function misplaced(zone: string, { name, type }: RecordSetKey): string | undefined {
    if (type === "SOA" || (type === "NS" && name === zone))
        return `${type} at ${zone} itself belongs to the zone; set it on sovereign:dns:Zone`;
    if (type === "CNAME" && name === zone)
        return `a CNAME cannot stand at ${zone} itself, beside SOA and NS (RFC 2181, 10.1); expected ALIAS, A or AAAA`;
    if (type === "DNSKEY" && name !== zone)
        return `a DNSKEY stands at ${zone} itself only (RFC 4034, 2)`;
    if (type === "DS" && name === zone)
        return `the DS of ${zone} belongs to its parent zone; set it with sovereign:dns:Delegation`;
    return undefined;
}
