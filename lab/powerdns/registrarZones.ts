import PQueue from "p-queue";
import type { HostedRecordSet, HostedZones } from "../parts.ts";
import type { PowerDnsApi, RecordSet } from "./powerDnsApi.ts";
import { sameRecords } from "./seed.ts";
import { REGISTRAR_NAME_SERVERS, startOfAuthority } from "./world.ts";

/** Mark of the registrar's zones in their `account` field. */
export const REGISTRAR_ACCOUNT = "registrar";

/**
 * Zones of domains on the registrar's own DNS. They are unsigned and lie on the lab's one PowerDNS, so a zone of the same name
 * that somebody else made there wins: it is neither changed nor removed.
 */
export class RegistrarZones implements HostedZones {
    readonly nameServers = REGISTRAR_NAME_SERVERS;
    readonly #api: PowerDnsApi;
    readonly #queue = new PQueue({ concurrency: 1 });

    constructor(api: PowerDnsApi) {
        this.#api = api;
    }

    async serve(domain: string, recordSets: readonly HostedRecordSet[] | null): Promise<void> {
        const zone = absolute(domain);
        await this.#queue.add(async () => {
            const found = (await this.#api.zones()).find(({ name }) => name === zone);
            if (found !== undefined && found.account !== REGISTRAR_ACCOUNT) return;
            if (recordSets !== null) await this.#write(zone, found === undefined, recordSets);
            else if (found !== undefined) await this.#api.deleteZone(zone);
        });
    }

    async #write(zone: string, isNew: boolean, sets: readonly HostedRecordSet[]): Promise<void> {
        if (isNew)
            await this.#api.createZone({
                name: zone,
                nameServers: this.nameServers,
                dnssec: false,
                account: REGISTRAR_ACCOUNT,
                soa: startOfAuthority(zone, this.nameServers[0]),
            });
        const existing = ((await this.#api.recordSets(zone)) ?? []).filter(
            ({ name, type }) => name !== zone || (type !== "SOA" && type !== "NS"),
        );
        const wanted: RecordSet[] = sets.map((set) => ({ ...set, name: absolute(set.name) }));
        const find = (all: readonly RecordSet[], { name, type }: RecordSet) =>
            all.find((set) => set.name === name && set.type === type);
        // Removals come first: a CNAME and other records of one name exclude each other.
        await this.#api.change(zone, [
            ...existing
                .filter((set) => find(wanted, set) === undefined)
                .map(({ name, type }) => ({ name, type })),
            ...wanted.filter((set) => !sameRecords(find(existing, set), set)),
        ]);
    }
}

function absolute(name: string): string {
    return name.toLowerCase().replace(/\.?$/, ".");
}
