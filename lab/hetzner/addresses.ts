import type { LabAddresses } from "../addresses.ts";
import { ipv4Number, ipv4Text } from "./cidr.ts";
import type { StateStore } from "./state/store.ts";

interface Bounds {
    readonly first: string;
    readonly last: string;
}

/** Addresses of a range in order, without those that end in .0 or .255. Wraps at its end. */
function* inOrder(bounds: Bounds, start: number): Generator<{ ip: string; cursor: number }> {
    const first = ipv4Number(bounds.first) ?? 0;
    const size = (ipv4Number(bounds.last) ?? 0) - first + 1;
    for (let step = 0; step < size; step++) {
        const cursor = start + step;
        const value = first + (cursor % size);
        if (value % 256 !== 0 && value % 256 !== 255)
            yield { ip: ipv4Text(value), cursor: cursor + 1 };
    }
}

/**
 * Hands out the cloud's addresses, one after the other. A released address isn't given again before the range wraps, so
 * that nothing which remembers it meets a stranger there.
 */
export class AddressPool {
    readonly #store: StateStore;
    readonly #addresses: LabAddresses;

    constructor(store: StateStore, addresses: LabAddresses) {
        this.#store = store;
        this.#addresses = addresses;
    }

    /** A public IPv4 address. */
    publicIpv4(): string {
        return this.#take("publicIpv4", this.#addresses.publicRange, (project) => [
            ...project.primary_ips.map((ip) => ip.ip),
            ...project.floating_ips.map((ip) => ip.ip),
            ...project.load_balancers.map((balancer) => balancer.ipv4),
        ]);
    }

    /** The loopback address that stands for a machine. */
    host(): string {
        return this.#take("host", this.#addresses.hostRange, (project) =>
            project.servers.map((server) => server.hostAddress),
        );
    }

    /** First four groups of a /64 of 2001:db8::/32 (RFC 3849): without `::`. */
    ipv6Prefix(): string {
        const count = ++this.#store.state.cursors.ipv6;
        const subnet = this.#addresses.instance * 0x400 + Math.floor(count / 0x10000);
        return `2001:db8:${subnet.toString(16)}:${(count % 0x10000).toString(16)}`;
    }

    /** MAC address of a private interface. */
    mac(): string {
        const count = ++this.#store.state.cursors.mac;
        const octets = [24, 16, 8, 0].map((shift) =>
            (Math.floor(count / 2 ** shift) % 256).toString(16).padStart(2, "0"),
        );
        return ["86", "00", ...octets].join(":");
    }

    #take(
        kind: "publicIpv4" | "host",
        bounds: Bounds,
        used: (project: StateStore["state"]["projects"][string]) => string[],
    ): string {
        const { state } = this.#store;
        const taken = new Set(Object.values(state.projects).flatMap(used));
        for (const { ip, cursor } of inOrder(bounds, state.cursors[kind]))
            if (!taken.has(ip)) {
                state.cursors[kind] = cursor;
                return ip;
            }
        throw new Error(`every address from ${bounds.first} to ${bounds.last} is in use`);
    }
}
