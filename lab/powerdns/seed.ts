import type { PowerDnsApi, RecordSet, ZoneKey } from "./powerDnsApi.ts";
import { nameServerSet, startOfAuthority, WORLD_ACCOUNT } from "./world.ts";
import type { WorldZone } from "./world.ts";

/** Digest type SHA-256 (RFC 4509). */
const SHA256 = "2";

/** DS record set of a signed zone for its parent: the active keys, SHA-256 only. */
export function delegationSigner(zone: string, ttl: number, keys: readonly ZoneKey[]): RecordSet {
    const records = keys
        .filter((key) => key.active && key.published)
        .flatMap((key) => key.ds.filter((ds) => ds.split(" ")[2] === SHA256));
    return { name: zone, type: "DS", ttl, records };
}

/** Whether two record sets say the same, whatever the order of their records. */
export function sameRecords(a: RecordSet | undefined, b: RecordSet): boolean {
    return (
        a?.ttl === b.ttl && [...a.records].sort().join("\n") === [...b.records].sort().join("\n")
    );
}

/**
 * Makes the zones of the world that are missing and the records of theirs that are missing or wrong, and nothing else: what
 * others wrote into them stays. Writes nothing where all is well.
 */
export async function seedWorld(api: PowerDnsApi, zones: readonly WorldZone[]): Promise<void> {
    for (const zone of zones) {
        let existing = await api.recordSets(zone.name);
        if (existing === undefined) {
            await api.createZone({
                name: zone.name,
                nameServers: zone.nameServers,
                dnssec: zone.signed,
                account: WORLD_ACCOUNT,
                soa: startOfAuthority(zone.name, zone.nameServers[0] ?? ""),
            });
            existing = [];
        }
        await ensure(api, zone.name, existing, [
            nameServerSet(zone.name, zone.nameServers),
            ...zone.records,
        ]);
        if (zone.parent !== undefined) await delegate(api, zone, zone.parent);
    }
}

async function delegate(api: PowerDnsApi, zone: WorldZone, parent: string): Promise<void> {
    const ns = nameServerSet(zone.name, zone.nameServers);
    const wanted = [ns];
    if (zone.signed) wanted.push(delegationSigner(zone.name, ns.ttl, await api.keys(zone.name)));
    await ensure(api, parent, (await api.recordSets(parent)) ?? [], wanted);
}

async function ensure(
    api: PowerDnsApi,
    zone: string,
    existing: readonly RecordSet[],
    wanted: readonly RecordSet[],
): Promise<void> {
    await api.change(
        zone,
        wanted.filter((set) => {
            const found = existing.find((e) => e.name === set.name && e.type === set.type);
            return !sameRecords(found, set);
        }),
    );
}
