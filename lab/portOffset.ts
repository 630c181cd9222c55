import { readFile } from "node:fs/promises";

/** Offset for people who may not bind ports below 1024. */
export const UNPRIVILEGED_OFFSET = 20_000;

/** Lowest port that the lab uses: SMTP. */
const LOWEST = 25;

/** Number of the capability CAP_NET_BIND_SERVICE (capabilities(7)). */
const NET_BIND_SERVICE = 10n;

/**
 * What has to be added to ports below 1024 for this process to bind them: 0 for root, for holders of
 * CAP_NET_BIND_SERVICE, and where the system lets anybody bind them.
 */
export async function portOffset(): Promise<number> {
    const [status, start] = await Promise.all([
        readFile("/proc/self/status", "utf8"),
        readFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8").catch(() => "1024"),
    ]);
    return offsetFor(status, start);
}

/** {@link portOffset} from the text of `/proc/self/status` and of `ip_unprivileged_port_start`. */
export function offsetFor(status: string, unprivilegedPortStart: string): number {
    if (Number(unprivilegedPortStart) <= LOWEST) return 0;
    const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
    return (effective >> NET_BIND_SERVICE) & 1n ? 0 : UNPRIVILEGED_OFFSET;
}
