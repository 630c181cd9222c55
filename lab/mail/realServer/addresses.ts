/** Address of the server in its namespace, and of the world that it sees (RFC 2544 reserves the network for tests). */
export const SERVER_ADDRESS = "198.18.0.2";
export const WORLD_ADDRESS = "198.18.0.1";

/** Prefix length of the network between the two. */
export const LINK_PREFIX = 30;

/**
 * Networks that the world answers for: what stands for the lab's public addresses, and the private networks, which connections from
 * the load balancer and from pods come from.
 */
export const WORLD_NETWORKS = ["100.64.0.0/10", "10.0.0.0/8"] as const;

/** Where connections of pods come from; in the pod network of every plan. */
export const POD_CLIENT = "10.42.0.2";

/**
 * The address that stands for a lab's loopback address where the server sees it: the real server refuses next hops on loopback, and
 * 100.64.0.0/10 (RFC 6598) is as large as 127.64.0.0/10. Other addresses stay what they are.
 */
export function seenByServer(address: string): string {
    return swapped(address, "127", "100");
}

/** The lab's address behind one that the server sees; undefined where none is. */
export function inLab(address: string): string | undefined {
    const found = swapped(address, "100", "127");
    return found === address ? undefined : found;
}

function swapped(address: string, from: string, to: string): string {
    const [first, second, ...rest] = address.split(".");
    const inRange = Number(second) >= 64 && Number(second) <= 127;
    return first === from && inRange && rest.length === 2
        ? [to, second, ...rest].join(".")
        : address;
}
