import type { PowerDnsChange, PowerDnsRecordSet } from "../powerdns/types.ts";
import { canonicalName, mailboxAddress, mailboxName } from "../names.ts";
import { sameContents } from "../recordSets.ts";
import type { ZoneSnapshot } from "../zoneSnapshot.ts";

/** What the apex of a zone should say. */
export interface Apex {
    readonly zone: string;
    /** Canonical; the first one is the SOA's primary. */
    readonly nameServers: readonly string[];
    /** A mail address. */
    readonly hostmaster: string;
}

/** Seconds: TTL of SOA and NS, and the SOA's timers (RFC 1912, 2.2; negative answers RFC 2308, 5). */
const TTL = 3600;
const TIMERS = "10800 3600 604800 3600";

/** SOA and NS of a new zone. */
export function newApex(apex: Apex, today: Date): PowerDnsRecordSet[] {
    return [
        recordSet(apex, "SOA", [`${soaNames(apex)} ${firstSerial(today)} ${TIMERS}`]),
        recordSet(apex, "NS", apex.nameServers),
    ];
}

/**
 * What brings SOA and NS of an existing zone to `apex`. The serial is sent as it is, since the server would take a lower one,
 * and timers that somebody has set stay.
 */
export function apexChanges(live: ZoneSnapshot, apex: Apex): PowerDnsChange[] {
    const changes: PowerDnsChange[] = [];
    const soa = live.find(apex.zone, "SOA");
    const [primary, mailbox, serial = firstSerial(new Date()), ...timers] =
        soa?.contents[0]?.split(/\s+/) ?? [];
    const names = soaNames(apex);
    if (`${primary ?? ""} ${mailbox ?? ""}`.toLowerCase() !== names.toLowerCase()) {
        const rest = timers.length === 4 ? timers.join(" ") : TIMERS;
        changes.push(replaced(recordSet(apex, "SOA", [`${names} ${serial} ${rest}`])));
    }
    const ns = live.find(apex.zone, "NS");
    if (ns === undefined || !sameContents("NS", ns.contents, apex.nameServers))
        changes.push(replaced(recordSet(apex, "NS", apex.nameServers)));
    return changes;
}

/** The apex as it is live, its primary first. `order` gives the others their places. */
export function liveApex(
    live: ZoneSnapshot,
    order: readonly string[],
): Pick<Apex, "nameServers" | "hostmaster"> {
    const [primary = "", mailbox = ""] =
        live.find(live.name, "SOA")?.contents[0]?.split(/\s+/) ?? [];
    const servers = (live.find(live.name, "NS")?.contents ?? []).map(canonicalName);
    const rank = (name: string) =>
        name === primary.toLowerCase()
            ? -1
            : order.includes(name)
              ? order.indexOf(name)
              : order.length;
    return {
        nameServers: servers.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b)),
        hostmaster: mailboxAddress(mailbox),
    };
}

function soaNames({ nameServers, hostmaster }: Apex): string {
    return `${nameServers[0] ?? "."} ${mailboxName(hostmaster)}`;
}

/** First serial of a day, in the customary form `YYYYMMDD01` (RFC 1912, 2.2). */
function firstSerial(today: Date): string {
    return `${today.toISOString().slice(0, 10).replaceAll("-", "")}01`;
}

function recordSet(apex: Apex, type: string, contents: readonly string[]): PowerDnsRecordSet {
    return {
        name: apex.zone,
        type,
        ttl: TTL,
        records: contents.map((content) => ({ content, disabled: false })),
    };
}

function replaced({ name, type, ttl, records }: PowerDnsRecordSet): PowerDnsChange {
    return { name, type, ttl, records, changetype: "REPLACE" };
}
