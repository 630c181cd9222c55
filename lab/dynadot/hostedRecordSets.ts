import type { HostedRecordSet } from "../parts.ts";
import type { DomainState, HostedRecord } from "./accountState.ts";

/** Longest character-string of a TXT record, in octets (RFC 1035 3.3). */
const STRING_LENGTH = 255;

/** A text as the character-strings of a TXT record, in presentation format. */
function txt(text: string): string {
    const octets = Buffer.from(text);
    const strings = [];
    for (let start = 0; start === 0 || start < octets.length; start += STRING_LENGTH) {
        const string = [...octets.subarray(start, start + STRING_LENGTH)].map((octet) =>
            octet < 0x20 || octet > 0x7e || octet === 0x22 || octet === 0x5c
                ? `\\${String(octet).padStart(3, "0")}`
                : String.fromCharCode(octet),
        );
        strings.push(`"${string.join("")}"`);
    }
    return strings.join(" ");
}

/** A record's content in presentation format; undefined for what has none: pseudo-types, and SRV, whose form Dynadot does not document. */
function content({ type, value, value2 }: HostedRecord): string | undefined {
    const host = value.replace(/\.?$/, ".");
    switch (type) {
        case "a":
        case "aaaa":
        case "caa":
            return value;
        case "cname":
        case "ns":
            return host;
        case "mx":
            return `${value2 ?? "0"} ${host}`;
        case "txt":
            return txt(value);
        default:
            return undefined;
    }
}

/** The record sets that Dynadot's name servers answer for a domain on their DNS. */
export function hostedRecordSets(domain: Pick<DomainState, "name" | "hosted">): HostedRecordSet[] {
    const sets = new Map<string, HostedRecordSet & { readonly records: string[] }>();
    const { main, sub, ttl } = domain.hosted;
    const owned = [
        ...main.map((record) => ({ name: domain.name, record })),
        ...sub.map((record) => ({ name: `${record.subhost}.${domain.name}`, record })),
    ];
    for (const { name, record } of owned) {
        const text = content(record);
        if (text === undefined) continue;
        const type = record.type.toUpperCase();
        const set = sets.get(`${name} ${type}`) ?? { name, type, ttl, records: [] };
        sets.set(`${name} ${type}`, set);
        if (!set.records.includes(text)) set.records.push(text);
    }
    return [...sets.values()];
}
