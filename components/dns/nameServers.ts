import type { DnsConfig, NameServerConfig } from "../../config/model.ts";
import type { DelegationNameServer } from "../../provider/resources/dns.ts";
import { addressSets } from "./recordSet.ts";
import type { RecordSetSpec } from "./recordSet.ts";

/** Addresses of a name server, as configured. */
export function addressesOf(server: NameServerConfig): string[] {
    return [server.ipv4, server.ipv6].filter((ip) => ip !== undefined);
}

/** Name servers as a delegation names them. */
export function delegatedTo({
    nameServers,
}: Pick<DnsConfig, "nameServers">): DelegationNameServer[] {
    return nameServers.map((server) => ({ name: server.name, addresses: addressesOf(server) }));
}

/** Name servers that lie under the Sovereign's own name: their addresses are in its zone, and at the parent as glue. */
export function inBailiwick(
    fqdn: string,
    nameServers: readonly NameServerConfig[],
): NameServerConfig[] {
    return nameServers.filter(({ name }) => name.endsWith(`.${fqdn}`));
}

/** The addresses of name servers in the zone itself (RFC 1034 4.2.2: glue repeats what the zone says). */
export function nameServerRecords(
    fqdn: string,
    ttl: number,
    nameServers: readonly NameServerConfig[],
): RecordSetSpec[] {
    return inBailiwick(fqdn, nameServers).flatMap(({ name, ipv4, ipv6 }) =>
        addressSets(name, ttl, ipv4 === undefined ? [] : [ipv4], ipv6 === undefined ? [] : [ipv6]),
    );
}
