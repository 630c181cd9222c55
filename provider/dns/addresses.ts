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
    if (!ipaddr.IPv6.isValid(text) || text.includes("%"))
        throw new InvalidDnsData(`"${text}" is no IPv6 address such as 2001:db8::1`);
    return ipaddr.IPv6.parse(text).toRFC5952String();
}

/** An address of either kind, canonical. Throws {@link InvalidDnsData}. */
export function canonicalAddress(text: string): string {
    return text.includes(":") ? ipv6(text) : ipv4(text);
}

/** Record type of a canonical address. */
export function addressType(address: string): "A" | "AAAA" {
    return address.includes(":") ? "AAAA" : "A";
}
