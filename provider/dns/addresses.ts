import ipaddr from "ipaddr.js";
import { InvalidDnsData } from "./names.ts";

/** An IPv4 address as A records have it. Throws {@link InvalidDnsData}. */
export function ipv4(text: string): string {
    if (!ipaddr.IPv4.isValidFourPartDecimal(text))
        throw new InvalidDnsData(`"${text}" is no IPv4 address such as 192.0.2.1`);
    return ipaddr.IPv4.parse(text).toString();
}

/** An IPv6 address as AAAA records have it (RFC 5952). Throws {@link InvalidDnsData}. */
export function ipv6(text: string): string {
    return parsedIpv6(text).toRFC5952String();
}

/**
 * An IPv6 address as PowerDNS insists on it in service bindings: what embeds an IPv4 address ends in that
 * (`::ffff:192.0.2.1`, RFC 4291, 2.5.5). Throws {@link InvalidDnsData}.
 */
export function ipv6Hint(text: string): string {
    const address = parsedIpv6(text);
    const { parts } = address;
    const zeros = parts.findIndex((part) => part !== 0);
    const embeds = zeros === 6 || (zeros === 5 && parts[5] === 0xffff);
    if (!embeds) return address.toRFC5952String();
    const embedded = address.toByteArray().slice(12).join(".");
    return zeros === 6 ? `::${embedded}` : `::ffff:${embedded}`;
}

function parsedIpv6(text: string): ipaddr.IPv6 {
    const groups = hexadecimalGroups(text);
    if (!ipaddr.IPv6.isValid(groups) || text.includes("%"))
        throw new InvalidDnsData(`"${text}" is no IPv6 address such as 2001:db8::1`);
    return ipaddr.IPv6.parse(groups);
}

/** The address without dots: ipaddr.js takes `::192.0.2.1` for `::ffff:192.0.2.1`. */
function hexadecimalGroups(text: string): string {
    const [, front, embedded] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text) ?? [];
    if (front === undefined || embedded === undefined) return text;
    const [a = 0, b = 0, c = 0, d = 0] = ipv4(embedded).split(".").map(Number);
    return `${front}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

/** An address of either kind, canonical. Throws {@link InvalidDnsData}. */
export function canonicalAddress(text: string): string {
    return text.includes(":") ? ipv6(text) : ipv4(text);
}

/** Record type of a canonical address. */
export function addressType(address: string): "A" | "AAAA" {
    return address.includes(":") ? "AAAA" : "A";
}
