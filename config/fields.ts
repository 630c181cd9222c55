import { z } from "zod";
import { isHostName } from "./names.ts";
import { isNetwork, isPrivate, parseIpv4Network } from "./network.ts";

/** Text that must match; `expected` is the message. */
export function text(expected: string, matches: (text: string) => boolean) {
    return z.string({ error: expected }).refine(matches, { error: expected });
}

/** A whole number from `min` to `max`. */
export function whole(expected: string, min: number, max: number) {
    return z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected });
}

/** One of a few words. */
export function oneOf<const T extends readonly [string, ...string[]]>(expected: string, words: T) {
    return z.enum(words, { error: expected });
}

/** true or false. */
export function flag(expected: string) {
    return z.boolean({ error: expected });
}

/** A list of `element`, of at least `min`. */
export function list<S extends z.ZodType>(expected: string, element: S, min = 0) {
    return z.array(element, { error: expected }).min(min, { error: expected });
}

/** A host name of two labels or more. */
export function hostName(expected: string) {
    return text(expected, isHostName);
}

/** An IPv4 network in one of the private ranges, at least /24 in size. */
export function privateNetwork(expected: string, smallest: number) {
    return text(expected, (cidr) => {
        const network = parseIpv4Network(cidr);
        return network !== undefined && isPrivate(network) && network.prefix <= smallest;
    });
}

/** An IPv4 or IPv6 network whose host bits are zero. */
export function network(expected: string) {
    return text(expected, isNetwork);
}

/** A URL of http or https without credentials, query, fragment and trailing slash. */
export function url(expected: string) {
    return text(expected, (value) => {
        const parsed = URL.parse(value);
        return (
            parsed !== null &&
            /^https?:$/.test(parsed.protocol) &&
            parsed.username === "" &&
            parsed.password === "" &&
            parsed.search === "" &&
            parsed.hash === "" &&
            !value.endsWith("/")
        );
    });
}
