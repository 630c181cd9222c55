import { invalidField } from "../errors.ts";
import type { RrsetRecord, ZoneRecord } from "../state/model.ts";

const TYPES = /^(?:A|AAAA|CAA|CNAME|DS|HINFO|HTTPS|MX|NS|PTR|RP|SOA|SRV|SVCB|TLSA|TXT)$/;

/** The zone in the master file format of RFC 1035 5.1. */
export function zonefileOf(zone: ZoneRecord): string {
    const lines = zone.rrsets.flatMap((rrset) =>
        rrset.records.map(({ value }) =>
            [rrset.name, rrset.ttl ?? zone.ttl, "IN", rrset.type, value].join("\t"),
        ),
    );
    return [`$ORIGIN ${zone.name}.`, `$TTL ${zone.ttl}`, ...lines, ""].join("\n");
}

function relativeName(name: string, zone: ZoneRecord): string {
    if (name === "@" || name === `${zone.name}.`) return "@";
    return name.endsWith(`.${zone.name}.`) ? name.slice(0, -zone.name.length - 2) : name;
}

/**
 * Record sets of a zone file: one record per line, each with its name. The SOA and NS of the zone are kept, as the API
 * does. Throws `invalid_input` on a line that can't be read.
 */
export function parseZonefile(zone: ZoneRecord, text: string): RrsetRecord[] {
    const rrsets = zone.rrsets.filter(
        ({ name, type }) => name === "@" && /^(?:SOA|NS)$/.test(type),
    );
    for (const line of text.split("\n")) {
        const content = line.replace(/^;.*$/, "").trim();
        if (content === "" || content.startsWith("$")) continue;
        const match = /^(\S+)\s+(?:(\d+)\s+)?(?:IN\s+)?([A-Z]+)\s+(.+)$/.exec(content);
        const [, rawName = "", ttl, type = "", value = ""] = match ?? [];
        if (!TYPES.test(type)) throw invalidField("zonefile", `can't read line '${content}'`);
        const name = relativeName(rawName.toLowerCase(), zone);
        if (name === "@" && (type === "SOA" || type === "NS")) continue;
        const record = { value, comment: "" };
        const known = rrsets.find((rrset) => rrset.name === name && rrset.type === type);
        if (known !== undefined) known.records.push(record);
        else
            rrsets.push({
                name,
                type,
                ttl: ttl === undefined ? null : Number(ttl),
                labels: {},
                protection: { change: false },
                records: [record],
            });
    }
    return rrsets;
}
