import { z } from "zod";
import { ApiError, invalidField } from "../errors.ts";
import {
    type Range,
    contains,
    ipv4Number,
    ipv4Text,
    isPrivateRange,
    overlaps,
    parseRange,
    rangeText,
} from "../cidr.ts";
import { NETWORK_ZONES } from "../catalogue/locations.ts";
import type { NetworkRecord, ProjectState } from "../state/model.ts";

export const subnetBody = z.object({
    type: z.enum(["cloud", "server", "vswitch"]),
    ip_range: z.string().optional(),
    network_zone: z.string(),
    vswitch_id: z.number().nullish(),
});

export const routeBody = z.object({ destination: z.string(), gateway: z.string() });

/** Hetzner's own gateway of the metadata service, never usable in a network. */
const RESERVED_ADDRESS = "172.31.1.1";

/** A stored range, which is valid. */
export function storedRange(cidr: string): Range {
    const range = parseRange(cidr);
    if (range === undefined) throw new Error(`stored range ${cidr} is invalid`);
    return range;
}

/** Gateway of every subnet: the first address of the network's range. */
export function gatewayOf(network: NetworkRecord): string {
    return ipv4Text(storedRange(network.ipRange).first + 1);
}

function firstFree(network: NetworkRecord): Range {
    const whole = storedRange(network.ipRange);
    const taken = network.subnets.map((subnet) => storedRange(subnet.ipRange));
    for (let first = whole.first; first + 255 <= whole.last; first += 256) {
        const candidate = { first, last: first + 255, prefix: 24 };
        if (!taken.some((range) => overlaps(range, candidate))) return candidate;
    }
    throw invalidField("ip_range", "no free /24 range is left in the network");
}

/** Adds a subnet. Throws `invalid_input` on a range that is too small, outside, or taken. */
export function addSubnet(network: NetworkRecord, input: z.output<typeof subnetBody>): void {
    if (!NETWORK_ZONES.includes(input.network_zone))
        throw invalidField("network_zone", "unknown network zone");
    if (input.type === "vswitch") throw new ApiError("service_error", "vswitch not found");
    const range = input.ip_range === undefined ? firstFree(network) : parseRange(input.ip_range);
    if (range === undefined) throw invalidField("ip_range", "invalid CIDR");
    if (range.prefix > 30) throw invalidField("ip_range", "must have at least a /30 range");
    if (!contains(storedRange(network.ipRange), range))
        throw invalidField("ip_range", "must be inside the network's ip_range");
    if (network.subnets.some((subnet) => overlaps(storedRange(subnet.ipRange), range)))
        throw invalidField("ip_range", "overlaps with another subnet");
    if (network.routes.some((route) => overlapsRoute(route.destination, range)))
        throw invalidField("ip_range", "overlaps with a route");
    network.subnets.push({
        type: input.type,
        ipRange: rangeText(range),
        networkZone: input.network_zone,
        vswitchId: null,
    });
}

function overlapsRoute(destination: string, range: Range): boolean {
    return destination !== "0.0.0.0/0" && overlaps(storedRange(destination), range);
}

/** Adds a route. Throws `invalid_input` on an invalid or taken destination, or a gateway that can't be one. */
export function addRoute(network: NetworkRecord, input: z.output<typeof routeBody>): void {
    const range = parseRange(input.destination);
    if (range === undefined || (range.prefix > 0 && !isPrivateRange(range)))
        throw invalidField("destination", "must be a range of RFC 1918 or 0.0.0.0/0");
    const destination = rangeText(range);
    if (network.subnets.some((subnet) => overlapsRoute(destination, storedRange(subnet.ipRange))))
        throw invalidField("destination", "overlaps with a subnet");
    if (network.routes.some((route) => route.destination === destination))
        throw invalidField("destination", "route already exists");
    const gateway = ipv4Number(input.gateway);
    const whole = storedRange(network.ipRange);
    if (gateway === undefined || gateway < whole.first || gateway > whole.last)
        throw invalidField("gateway", "must be an address of the network");
    if (gateway === whole.first + 1 || input.gateway === RESERVED_ADDRESS)
        throw invalidField("gateway", "address is reserved");
    network.routes.push({ destination, gateway: input.gateway });
}

/** Every address in use in the network. */
export function usedAddresses(project: ProjectState, network: number): Set<string> {
    return new Set([
        ...project.servers
            .flatMap((server) => server.privateNet)
            .filter((nic) => nic.network === network)
            .flatMap((nic) => [nic.ip, ...nic.aliasIps]),
        ...project.load_balancers
            .filter((balancer) => balancer.network?.network === network)
            .map((balancer) => balancer.network?.ip ?? ""),
    ]);
}

function usable(network: NetworkRecord, subnet: Range, value: number): boolean {
    return (
        value > subnet.first &&
        value < subnet.last &&
        value !== storedRange(network.ipRange).first + 1 &&
        ipv4Text(value) !== RESERVED_ADDRESS
    );
}

export interface AddressRequest {
    /** Network zone of the server's or load balancer's location. */
    readonly zone: string;
    readonly ip?: string | undefined;
    /** Range of the subnet to choose from. */
    readonly ipRange?: string | undefined;
}

/**
 * Chooses the private address for an attachment: the asked one, or the next free one of the asked subnet, or, with neither, of the last
 * subnet by range. Throws `ip_not_available` or `no_subnet_available`.
 */
export function chooseAddress(
    project: ProjectState,
    network: NetworkRecord,
    request: AddressRequest,
): string {
    const used = usedAddresses(project, network.id);
    const subnets = network.subnets
        .filter((subnet) => subnet.networkZone === request.zone)
        .filter((subnet) => request.ipRange === undefined || subnet.ipRange === request.ipRange)
        .map((subnet) => storedRange(subnet.ipRange))
        .sort((a, b) => a.first - b.first);
    const last = subnets.at(-1);
    if (last === undefined)
        throw new ApiError("no_subnet_available", "no subnet or IP available in network");
    if (request.ip !== undefined) {
        const value = ipv4Number(request.ip);
        const fits = subnets.some(
            (subnet) => value !== undefined && usable(network, subnet, value),
        );
        if (!fits || used.has(request.ip))
            throw new ApiError("ip_not_available", "IP not available");
        return request.ip;
    }
    for (let value = last.first; value <= last.last; value++)
        if (usable(network, last, value) && !used.has(ipv4Text(value))) return ipv4Text(value);
    throw new ApiError("no_subnet_available", "no subnet or IP available in network");
}
