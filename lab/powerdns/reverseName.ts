import ipaddr from "ipaddr.js";

/**
 * Name under which an address has its PTR record, with trailing dot (RFC 1035 3.5, RFC 3596 2.5).
 *
 * @throws Error when `ip` is no address
 */
export function reverseName(ip: string): string {
    const address = ipaddr.parse(ip);
    if (address instanceof ipaddr.IPv4)
        return `${address.octets.toReversed().join(".")}.in-addr.arpa.`;
    return ip6Arpa(ip, 128);
}

/** Name of the reverse zone of an IPv6 prefix whose length in bits is a multiple of four, with trailing dot. */
export function ip6Arpa(prefix: string, bits: number): string {
    const nibbles = Buffer.from(ipaddr.parse(prefix).toByteArray()).toString("hex");
    const digits = Array.from({ length: bits / 4 }, (_, i) => nibbles.charAt(i));
    return `${digits.reverse().join(".")}.ip6.arpa.`;
}
