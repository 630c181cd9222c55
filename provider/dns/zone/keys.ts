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
    return {
        ds: active.flatMap(signersOf).sort(),
        dnskeys: active.map(({ dnskey }) => dnskey).sort(),
    };
}

/** The key's DS record, empty for a key that has none (a ZSK). */
export function dsOfKey(key: PowerDnsKey): string {
    return signersOf(key)[0] ?? "";
}

function signersOf({ ds = [] }: PowerDnsKey): string[] {
    return ds
        .map((content) => canonicalContent("DS", content))
        .filter((content) => content.split(" ")[2] === SHA256);
}
