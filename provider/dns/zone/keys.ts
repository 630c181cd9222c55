import { canonicalContent } from "../contents.ts";
import type { PowerDnsKey } from "../powerdns/types.ts";

/** DS digest type SHA-256 (RFC 4509), the only one we publish: SHA-1 is deprecated (RFC 8624, 3.3). */
const SHA256 = "2";

/** What the parent needs to know of a zone's keys, and the keys themselves. */
export interface ZoneKeys {
    readonly ds: string[];
    readonly dnskeys: string[];
}

/** DS and DNSKEY records of the active keys, sorted. */
export function zoneKeys(keys: readonly PowerDnsKey[]): ZoneKeys {
    const active = keys.filter((key) => key.active && key.published !== false);
    const ds = active
        .flatMap((key) => key.ds ?? [])
        .map((content) => canonicalContent("DS", content))
        .filter((content) => content.split(" ")[2] === SHA256);
    return { ds: ds.sort(), dnskeys: active.map(({ dnskey }) => dnskey).sort() };
}
