import type { ReverseDns } from "../parts.ts";
import { ApiError, invalidField } from "./errors.ts";
import { canonicalIp, inCidr } from "./cidr.ts";
import type { CloudState, PtrNames } from "./state/model.ts";

const HOST_NAME =
    /^(?=.{1,253}\.?$)[A-Za-z0-9_](?:[-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?)*\.?$/;

/** Name that an IPv4 address has unless it was given another (seen at Hetzner's addresses). */
export function defaultPtr(ipv4: string): string {
    return `static.${ipv4.split(".").reverse().join(".")}.clients.your-server.de`;
}

/** What has addresses with PTR names: `range` is an address, or a /64. */
export interface PtrHolder {
    readonly ranges: readonly string[];
    readonly names: PtrNames;
}

/** PTR name of an IPv4 address; of an IPv6 address only where one was set. */
export function ptrOf(names: PtrNames, ip: string): string | null {
    return names[ip] ?? (ip.includes(":") ? null : defaultPtr(ip));
}

/** The list form of the API: one entry per named address. */
export function ptrList(names: PtrNames, ip: string): { ip: string; dns_ptr: string }[] {
    if (!ip.includes(":")) return [{ ip, dns_ptr: ptrOf(names, ip) ?? "" }];
    return Object.entries(names).map(([address, dns_ptr]) => ({ ip: address, dns_ptr }));
}

/**
 * Checks and stores a PTR change (`null` resets an IPv4 address to its default and removes an IPv6 entry) and returns what has to be
 * published. Throws `invalid_input` on an address that isn't the holder's, and on a name that isn't a host name.
 */
export function changePtr(
    holder: PtrHolder,
    ip: string,
    name: string | null,
): { readonly ip: string; readonly name: string | null } {
    const address = canonicalIp(ip);
    const owned = holder.ranges.some((range) =>
        range.includes("/") ? inCidr(ip, range) : canonicalIp(range) === address,
    );
    if (address === undefined || !owned)
        throw invalidField("ip", "IP does not belong to the resource");
    if (name !== null && !HOST_NAME.test(name)) throw invalidField("dns_ptr", "not a host name");
    // A property that is set to undefined would come back from the saved state as missing, and compare unequal.
    if (name === null) Reflect.deleteProperty(holder.names, address);
    else holder.names[address] = name;
    return { ip: address, name: ptrOf(holder.names, address) };
}

/** Addresses and names of everything that the cloud holds. */
export function* publishedPtrs(state: CloudState): Generator<[ip: string, name: string]> {
    for (const project of Object.values(state.projects)) {
        for (const { ip, ptr } of [...project.primary_ips, ...project.floating_ips])
            for (const entry of ptrList(ptr, ip)) yield [entry.ip, entry.dns_ptr];
        for (const balancer of project.load_balancers)
            for (const ip of [balancer.ipv4, balancer.ipv6]) {
                const name = ptrOf(balancer.ptr, ip);
                if (name !== null) yield [ip, name];
            }
    }
}

/** Publishes PTR names one after the other; what failed is reported and not repeated. */
export class PtrPublisher {
    readonly #dns: ReverseDns;
    readonly #log: (message: string) => void;
    #queue: Promise<void> = Promise.resolve();

    constructor(dns: ReverseDns, log: (message: string) => void) {
        this.#dns = dns;
        this.#log = log;
    }

    /** Publishes in the background, as the cloud does for the default names of new addresses. */
    publish(ip: string, name: string | null): void {
        this.change(ip, name).catch((error: unknown) => {
            this.#log(`PTR of ${ip} was not published: ${String(error)}`);
        });
    }

    /** Resolves when the name is published. Rejects with `service_error` when that failed. */
    change(ip: string, name: string | null): Promise<void> {
        const result = this.#queue.then(() => this.#dns.set(ip, name));
        this.#queue = result.catch(() => undefined);
        return result.catch((error: unknown) => {
            throw new ApiError("service_error", `reverse DNS of ${ip}: ${String(error)}`);
        });
    }

    /** Resolves when everything so far was tried. */
    idle(): Promise<void> {
        return this.#queue;
    }
}
