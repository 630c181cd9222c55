import { addressType, canonicalAddress } from "../addresses.ts";
import type { HostedDns, HostedRecord } from "../dynadot/messages.ts";
import { canonicalName, InvalidDnsData, isWithin } from "../names.ts";
import type { DelegationInputs, NameServer } from "./types.ts";

type Content = Pick<DelegationInputs, "domain" | "parent" | "nameServers">;

/** Most records of a domain on Dynadot's DNS: at its apex, and below it. */
export const MOST_MAIN_RECORDS = 20;
export const MOST_SUB_RECORDS = 100;

/** NS and glue of a delegation, as records below the parent domain. */
export function delegationRecords({ domain, parent = "", nameServers }: Content): HostedRecord[] {
    return nameServers.flatMap(({ name, addresses }) => [
        { sub_host: below(domain, parent), record_type: "ns", record_value1: bare(name) },
        ...(isWithin(name, domain)
            ? addresses.map((address) => ({
                  sub_host: below(name, parent),
                  record_type: addressType(address).toLowerCase(),
                  record_value1: address,
              }))
            : []),
    ]);
}

/** Records of `live` that mean the same as one of `records`. */
export function present(live: HostedDns, records: readonly HostedRecord[]): HostedRecord[] {
    const keys = new Set(records.map(keyOf));
    return live.sub.filter((record) => keys.has(keyOf(record)));
}

/** Records of `records` that `live` lacks. */
export function absent(live: HostedDns, records: readonly HostedRecord[]): HostedRecord[] {
    return without(records, live.sub);
}

/** `records` without those that mean the same as one of `others`. */
export function without(
    records: readonly HostedRecord[],
    others: readonly HostedRecord[],
): HostedRecord[] {
    const keys = new Set(others.map(keyOf));
    return records.filter((record) => !keys.has(keyOf(record)));
}

/** Name servers that the records delegate `domain` to, with their glue; undefined when there are none. */
export function delegatedServers(
    live: HostedDns,
    { domain, parent = "" }: Pick<Content, "domain" | "parent">,
    before: readonly NameServer[],
): NameServer[] | undefined {
    const at = (name: string, type: string) =>
        live.sub.filter(
            (record) =>
                record.sub_host?.toLowerCase() === below(name, parent) &&
                record.record_type.toLowerCase() === type,
        );
    const order = before.map(({ name }) => name);
    const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
    const names = at(domain, "ns").map((record) => canonicalName(record.record_value1));
    if (names.length === 0) return undefined;
    return names
        .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))
        .map((name) => ({
            name,
            addresses: isWithin(name, domain)
                ? [...at(name, "a"), ...at(name, "aaaa")].map((r) =>
                      canonicalAddress(r.record_value1),
                  )
                : (before.find((server) => server.name === name)?.addresses ?? []),
        }));
}

/** A record in words. */
export function showHosted({ sub_host = "@", record_type, record_value1 }: HostedRecord): string {
    return `${sub_host} ${record_type.toUpperCase()} ${record_value1}`;
}

function keyOf(record: HostedRecord): string {
    const type = record.record_type.toLowerCase();
    return JSON.stringify([
        (record.sub_host ?? "").toLowerCase(),
        type,
        valueKey(type, record.record_value1),
        record.record_value2 ?? "",
    ]);
}

function valueKey(type: string, value: string): string {
    try {
        if (type === "ns" || type === "cname") return canonicalName(value);
        if (type === "a" || type === "aaaa") return canonicalAddress(value);
    } catch (error) {
        if (!(error instanceof InvalidDnsData)) throw error;
    }
    return value;
}

/** A name relative to its parent domain. */
export function below(name: string, parent: string): string {
    return name.slice(0, -parent.length - 1);
}

function bare(name: string): string {
    return name.replace(/\.$/, "");
}
