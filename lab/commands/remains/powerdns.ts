import { z } from "zod";
import type { LabAddresses } from "../../addresses.ts";
import { readJson } from "./readJson.ts";

const zonesSchema = z.array(z.looseObject({ id: z.string(), name: z.string() }));

/** Keys of dynamic updates (https://doc.powerdns.com/authoritative/http-api/tsigkey.html). */
const keysSchema = z.array(z.looseObject({ id: z.string() }));

const zoneSchema = z.looseObject({
    rrsets: z.array(
        z.looseObject({
            name: z.string(),
            type: z.string(),
            records: z.array(z.looseObject({ content: z.string() })),
        }),
    ),
});

/** A record set as PowerDNS' API lists it. */
type RecordSet = z.infer<typeof zoneSchema>["rrsets"][number];

/** Whether `name` is `parent` or lies below it; both with trailing dot. */
function within(name: string, parent: string): boolean {
    return name === parent || name.endsWith(`.${parent}`);
}

/** Whether a record set of a parent zone speaks of the Sovereign: a delegation, a DS, glue, or a PTR to one of its names. */
export function mentions({ name, records }: RecordSet, fqdn: string): boolean {
    return (
        within(name, fqdn) ||
        records.some(({ content }) => content.split(" ").some((word) => within(word, fqdn)))
    );
}

/** Whether a zone beside the Sovereign's own is one of its further zones: its hostmaster answers for it (SOA, second field). */
export function isFurtherZone(recordSets: readonly RecordSet[], fqdn: string): boolean {
    return recordSets.some(
        ({ type, records }) =>
            type === "SOA" &&
            records.some(({ content }) => within(content.split(" ")[1] ?? "", fqdn)),
    );
}

/** The Sovereign's zones and TSIG keys, and record sets of other zones that speak of it, at the lab's PowerDNS. */
export async function powerDnsRemains(
    { powerdnsApi }: Pick<LabAddresses, "powerdnsApi">,
    apiKey: string,
    domain: string,
): Promise<string[]> {
    const fqdn = `${domain}.`;
    const server = `http://${powerdnsApi.host}:${powerdnsApi.port}/api/v1/servers/localhost`;
    const base = `${server}/zones`;
    const headers = { "X-API-Key": apiKey };
    const found: string[] = [];
    for (const zone of zonesSchema.parse(await readJson(base, headers))) {
        if (within(zone.name, fqdn)) {
            found.push(`PowerDNS zone ${zone.name}`);
            continue;
        }
        const { rrsets } = zoneSchema.parse(await readJson(`${base}/${zone.id}`, headers));
        if (isFurtherZone(rrsets, fqdn)) {
            found.push(`PowerDNS zone ${zone.name}`);
            continue;
        }
        for (const set of rrsets)
            if (mentions(set, fqdn))
                found.push(`PowerDNS record set ${set.name} ${set.type} in zone ${zone.name}`);
    }
    for (const { id } of keysSchema.parse(await readJson(`${server}/tsigkeys`, headers)))
        if (within(id, fqdn)) found.push(`PowerDNS TSIG key ${id}`);
    return found;
}
