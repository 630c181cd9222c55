import ipaddr from "ipaddr.js";

/** An IPv4 network, as numbers. */
export interface Ipv4Network {
    readonly first: number;
    readonly last: number;
    readonly prefix: number;
}

/** Number of a dotted IPv4 address. Throws where it is none. */
export function ipv4Number(address: string): number {
    return ipaddr.IPv4.parse(address)
        .toByteArray()
        .reduce((n, octet) => n * 256 + octet, 0);
}

/** Dotted form of an IPv4 address. */
export function ipv4Text(n: number): string {
    return [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join(".");
}

/** Whether `text` is an IPv4 address in its four-part decimal form. */
export function isIpv4(text: string): boolean {
    return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** Whether `text` is an IPv6 address without a zone. */
export function isIpv6(text: string): boolean {
    return !text.includes("%") && text.includes(":") && ipaddr.IPv6.isValid(text);
}

/** Reads `a.b.c.d/n`; undefined where it is none, or where bits beyond the prefix are set. */
export function parseIpv4Network(cidr: string): Ipv4Network | undefined {
    const match = /^([0-9.]+)\/([0-9]{1,2})$/.exec(cidr);
    const [, address = "", length = ""] = match ?? [];
    const prefix = Number(length);
    if (!isIpv4(address) || prefix > 32) return undefined;
    const first = ipv4Number(address);
    const size = 2 ** (32 - prefix);
    return first % size === 0 ? { first, last: first + size - 1, prefix } : undefined;
}

/** Whether `cidr` is an IPv4 or IPv6 network with no bits beyond its prefix. */
export function isNetwork(cidr: string): boolean {
    if (parseIpv4Network(cidr)) return true;
    if (!cidr.includes(":") || !ipaddr.isValidCIDR(cidr)) return false;
    const [address] = ipaddr.IPv6.parseCIDR(cidr);
    return address.toString() === ipaddr.IPv6.networkAddressFromCIDR(cidr).toString();
}

/** Whether `inner` lies wholly in `outer`. */
export function contains(outer: Ipv4Network, inner: Ipv4Network): boolean {
    return outer.first <= inner.first && inner.last <= outer.last;
}

/** Whether two networks share an address. */
export function overlap(a: Ipv4Network, b: Ipv4Network): boolean {
    return a.first <= b.last && b.first <= a.last;
}

/** Private networks of RFC 1918, the only ones that Hetzner takes. */
export const PRIVATE_NETWORKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] as const;

/** Whether the network lies in one of {@link PRIVATE_NETWORKS}. */
export function isPrivate(network: Ipv4Network): boolean {
    return PRIVATE_NETWORKS.some((cidr) => {
        const range = parseIpv4Network(cidr);
        return range !== undefined && contains(range, network);
    });
}
