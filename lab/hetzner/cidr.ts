import ipaddr from "ipaddr.js";

/** An IPv4 range in canonical form, as numbers. */
export interface Range {
    readonly first: number;
    readonly last: number;
    readonly prefix: number;
}

function toNumber(address: ipaddr.IPv4): number {
    return address.toByteArray().reduce((sum, byte) => sum * 256 + byte, 0);
}

/** An IPv4 address as a number, or undefined. */
export function ipv4Number(ip: string): number | undefined {
    return ipaddr.IPv4.isValidFourPartDecimal(ip) ? toNumber(ipaddr.IPv4.parse(ip)) : undefined;
}

export function ipv4Text(value: number): string {
    return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** Parses IPv4 CIDR notation; undefined unless it is valid and its host bits are zero. */
export function parseRange(cidr: string): Range | undefined {
    const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d{1,2})$/.exec(cidr);
    const base = ipv4Number(match?.[1] ?? "");
    const prefix = Number(match?.[2]);
    if (base === undefined || prefix > 32) return undefined;
    const size = 2 ** (32 - prefix);
    return base % size === 0 ? { first: base, last: base + size - 1, prefix } : undefined;
}

export function rangeText(range: Range): string {
    return `${ipv4Text(range.first)}/${range.prefix}`;
}

export function contains(outer: Range, inner: Range): boolean {
    return outer.first <= inner.first && inner.last <= outer.last;
}

export function overlaps(a: Range, b: Range): boolean {
    return a.first <= b.last && b.first <= a.last;
}

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** Whether the range lies in the private ranges of RFC 1918. */
export function isPrivateRange(range: Range): boolean {
    return PRIVATE.some((cidr) => {
        const outer = parseRange(cidr);
        return outer !== undefined && contains(outer, range);
    });
}

/** Whether CIDR notation of either family is valid with zero host bits, as firewall rules demand. */
export function isCanonicalCidr(cidr: string): boolean {
    if (!cidr.includes("/")) return false;
    try {
        const [address, prefix] = ipaddr.parseCIDR(cidr);
        const network =
            address.kind() === "ipv4"
                ? ipaddr.IPv4.networkAddressFromCIDR(cidr)
                : ipaddr.IPv6.networkAddressFromCIDR(cidr);
        return prefix >= 0 && network.toNormalizedString() === address.toNormalizedString();
    } catch {
        return false;
    }
}

/** Whether an address of either family lies in a CIDR; an IPv4-mapped address counts as IPv4. */
export function inCidr(ip: string, cidr: string): boolean {
    if (!ipaddr.isValid(ip)) return false;
    const address = ipaddr.process(ip);
    const [network, prefix] = ipaddr.parseCIDR(cidr);
    return address.kind() === network.kind() && address.match(network, prefix);
}

/** One spelling per address, so that two ways to write an IPv6 address compare equal. */
export function canonicalIp(ip: string): string | undefined {
    return ipaddr.isValid(ip) ? ipaddr.parse(ip).toString() : undefined;
}
