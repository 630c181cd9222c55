import { isIPv4, isIPv6 } from "node:net";
import { DynadotRefusal, NO_RECORDS } from "./accountState.ts";
import type { DomainState, HostedDns, HostedRecord, HostedSubRecord } from "./accountState.ts";
import type { DynadotSwitches } from "./switches.ts";

const MAIN_TYPES = [
    "a",
    "aaaa",
    "cname",
    "forward",
    "txt",
    "mx",
    "stealth",
    "email",
    "caa",
    "aname",
];
const SUB_TYPES = [
    "a",
    "aaaa",
    "cname",
    "forward",
    "txt",
    "mx",
    "stealth",
    "email",
    "caa",
    "srv",
    "ns",
];

/** Most records of a domain: at its apex, and below it. */
export const LIMITS = { main: 20, sub: 100 } as const;

/** A write to a domain's hosted DNS. */
export interface RecordWrite {
    readonly main: readonly HostedRecord[];
    readonly sub: readonly HostedSubRecord[];
    /** Seconds; undefined if the call names none. */
    readonly ttl: number | undefined;
    /** Adds to what is there instead of replacing all of it. */
    readonly append: boolean;
}

function same(a: HostedRecord, b: HostedRecord): boolean {
    const subhost = (r: HostedRecord) => ("subhost" in r ? r.subhost : "");
    return (
        a.type === b.type &&
        a.value === b.value &&
        (a.value2 ?? "") === (b.value2 ?? "") &&
        subhost(a) === subhost(b)
    );
}

function check(record: HostedRecord, types: readonly string[]): void {
    const { type, value, value2 } = record;
    if (!types.includes(type)) throw new DynadotRefusal(`invalid record type: ${type}`);
    if (value === "") throw new DynadotRefusal("record value must be entered");
    if (type === "a" && !isIPv4(value)) throw new DynadotRefusal(`invalid ip address: ${value}`);
    if (type === "aaaa" && !isIPv6(value))
        throw new DynadotRefusal(`invalid ipv6 address: ${value}`);
    if (type === "mx" && !/^\d{1,5}$/.test(value2 ?? ""))
        throw new DynadotRefusal("mx distance must be entered");
}

/** Types whose value is a host name. */
const HOST_TYPES: readonly string[] = ["cname", "mx", "ns", "aname"];

function withoutDot<T extends HostedRecord>(record: T): T {
    return HOST_TYPES.includes(record.type)
        ? { ...record, value: record.value.replace(/\.$/, "") }
        : record;
}

function joined<T extends HostedRecord>(
    existing: readonly T[],
    added: readonly T[],
    duplicates: DynadotSwitches["duplicates"],
): readonly T[] {
    const all = [...existing];
    for (const record of added)
        if (duplicates === "keep" || !all.some((r) => same(r, record))) all.push(record);
    return all;
}

/**
 * Writes to a domain's hosted DNS as `set_dns2` does: all records and the TTL are replaced unless the write appends, and the
 * domain is on Dynadot DNS afterwards, whatever it used before.
 *
 * @param defaultTtl - TTL in seconds of a replacement that names none
 * @param now - milliseconds since 1970
 */
export function writeRecords(
    domain: DomainState,
    write: RecordWrite,
    defaultTtl: number,
    switches: DynadotSwitches,
    now: number,
): void {
    if (switches.emailSettings)
        throw new DynadotRefusal("Cannot set DNS because of existing Email Settings", 409);
    for (const record of write.main) check(record, MAIN_TYPES);
    for (const record of write.sub) check(record, SUB_TYPES);
    const stored = <T extends HostedRecord>(records: readonly T[]) =>
        switches.trailingDots === "keep" ? records : records.map(withoutDot);
    const [main, sub] = [stored(write.main), stored(write.sub)];
    const before =
        domain.mode === "dynadot-dns" || switches.keepsHostedRecords ? domain.hosted : NO_RECORDS;
    const after: HostedDns = write.append
        ? {
              main: joined(before.main, main, switches.duplicates),
              sub: joined(before.sub, sub, switches.duplicates),
              ttl: (switches.appendedTtl === "set" ? write.ttl : undefined) ?? before.ttl,
          }
        : { main, sub, ttl: write.ttl ?? defaultTtl };
    if (after.main.length > LIMITS.main || after.sub.length > LIMITS.sub)
        throw new DynadotRefusal("The Dns Settings reached the upper limit.", 429);
    if (write.append && switches.appendNeedsMain && after.main.length === 0)
        throw new DynadotRefusal("The domain doesn't have main dns.", 403);
    domain.mode = "dynadot-dns";
    domain.nameServers = [];
    if (write.append) {
        domain.hosted = after;
        return;
    }
    const earlier = domain.replaced;
    const overtaken = earlier !== undefined && now - earlier.at < switches.reorderSeconds * 1000;
    domain.hosted = overtaken ? earlier.by : after;
    domain.replaced = { at: now, by: after };
}

/** Removes the records that equal the given ones in every field, and says how many those were. */
export function removeRecords(
    domain: DomainState,
    records: Pick<RecordWrite, "main" | "sub">,
): { readonly main: number; readonly sub: number } {
    const { main, sub, ttl } = domain.hosted;
    const keptMain = main.filter((r) => !records.main.some((gone) => same(r, gone)));
    const keptSub = sub.filter((r) => !records.sub.some((gone) => same(r, gone)));
    domain.hosted = { main: keptMain, sub: keptSub, ttl };
    return { main: main.length - keptMain.length, sub: sub.length - keptSub.length };
}
