import { decodeOctets, decodeText, encodeText } from "./characterStrings.ts";
import { canonicalContent, isTextType } from "./contents.ts";
import { canonicalName, InvalidDnsData, isWithin } from "./names.ts";

/** Name and type of a record set, both canonical. */
export interface RecordSetKey {
    readonly name: string;
    readonly type: string;
}

/** All records of one name and type, canonical, in presentation format. */
export interface DesiredRecordSet extends RecordSetKey {
    readonly ttl: number;
    readonly contents: readonly string[];
}

/** Highest TTL in seconds (RFC 2181, 8). */
export const MAX_TTL = 2 ** 31 - 1;

const SINGLE = ["CNAME", "DNAME", "SOA", "ALIAS"];

/** Types that PowerDNS makes itself in a signed zone. */
const SIGNING = ["RRSIG", "NSEC", "NSEC3", "NSEC3PARAM"];

/** What a record set of a program becomes. Throws {@link InvalidDnsData}. */
export function desiredRecordSet(
    zone: string,
    given: { readonly name: string; readonly type: string; readonly ttl: number },
    records: readonly string[],
): DesiredRecordSet {
    const name = canonicalName(given.name);
    const type = canonicalType(given.type);
    if (!isWithin(name, canonicalName(zone)))
        throw new InvalidDnsData(`${name} does not lie in the zone ${canonicalName(zone)}`);
    return { name, type, ttl: given.ttl, contents: canonicalRecords(type, records) };
}

/** Record type in capitals. Throws for types that nobody writes by hand. */
export function canonicalType(type: string): string {
    const upper = type.trim().toUpperCase();
    if (SIGNING.includes(upper))
        throw new InvalidDnsData(`${upper} records are made by the server when it signs the zone`);
    return upper;
}

/** Contents of a program's records, canonical and in presentation format. Throws for duplicates and for too many. */
export function canonicalRecords(type: string, records: readonly string[]): string[] {
    const contents = records.map((record) => presentationOf(type, record));
    const seen = new Map<string, string>();
    for (const [i, content] of contents.entries()) {
        const key = comparable(type, content);
        if (seen.has(key))
            throw new InvalidDnsData(`the record "${records[i] ?? ""}" is given twice`);
        seen.set(key, content);
    }
    if (SINGLE.includes(type) && contents.length > 1)
        throw new InvalidDnsData(
            `a name has one ${type} record only, but ${contents.length} are given`,
        );
    return contents;
}

/** A program's record in presentation format: TXT is given as plain text, everything else as it is. */
export function presentationOf(type: string, record: string): string {
    return canonicalContent(type, isTextType(type) ? encodeText(record) : record);
}

/** A live record as a program would give it. A content that we cannot parse is handed on as it is. */
export function programForm(type: string, content: string): string {
    try {
        return isTextType(type) ? decodeText(content) : canonicalContent(type, content);
    } catch (error) {
        if (error instanceof InvalidDnsData) return content;
        throw error;
    }
}

/** Whether two record sets are the same to a resolver: TTL and the set of contents, in whatever notation. */
export function sameRecordSet(
    type: string,
    a: { readonly ttl: number; readonly contents: readonly string[] },
    b: { readonly ttl: number; readonly contents: readonly string[] },
): boolean {
    return a.ttl === b.ttl && sameContents(type, a.contents, b.contents);
}

/** Whether two lists of contents mean the same set of records. */
export function sameContents(type: string, a: readonly string[], b: readonly string[]): boolean {
    const keys = (contents: readonly string[]) =>
        [...new Set(contents.map((content) => comparable(type, content)))].sort();
    const [left, right] = [keys(a), keys(b)];
    return left.length === right.length && left.every((key, i) => key === right[i]);
}

function comparable(type: string, content: string): string {
    try {
        return isTextType(type)
            ? decodeOctets(content).toString("latin1")
            : canonicalContent(type, content);
    } catch (error) {
        if (error instanceof InvalidDnsData) return content;
        throw error;
    }
}
