import { type LocationPrice, monthly } from "./prices.ts";

/** A type of load balancer with its limits (https://docs.hetzner.com/cloud/load-balancers/overview). */
export interface LoadBalancerType {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    readonly max_connections: number;
    readonly max_services: number;
    readonly max_targets: number;
    readonly max_assigned_certificates: number;
    readonly prices: readonly LocationPrice[];
    readonly deprecated: null;
    readonly deprecation: null;
}

function type(
    id: number,
    name: string,
    limits: readonly [services: number, targets: number, certificates: number, connections: number],
    prices: readonly LocationPrice[],
): LoadBalancerType {
    const [max_services, max_targets, max_assigned_certificates, max_connections] = limits;
    return {
        id,
        name,
        description: name.toUpperCase(),
        max_connections,
        max_services,
        max_targets,
        max_assigned_certificates,
        prices,
        deprecated: null,
        deprecation: null,
    };
}

/** Only the smallest type's price is known here; it is of 2026 and for the European locations. */
export const LOAD_BALANCER_TYPES: readonly LoadBalancerType[] = [
    type(
        1,
        "lb11",
        [5, 25, 10, 10_000],
        ["fsn1", "nbg1", "hel1"].map((location) => monthly(location, "7.49")),
    ),
    type(2, "lb21", [15, 75, 25, 20_000], []),
    type(3, "lb31", [30, 150, 50, 40_000], []),
];

/** A load balancer type by id or name. */
export function findLoadBalancerType(idOrName: string | number): LoadBalancerType | undefined {
    return LOAD_BALANCER_TYPES.find(
        (entry) => entry.name === idOrName || String(entry.id) === String(idOrName),
    );
}

/** A load balancer type that the state speaks of. */
export function loadBalancerTypeOf(name: string): LoadBalancerType {
    const entry = findLoadBalancerType(name);
    if (entry === undefined) throw new Error(`the catalogue has no load balancer type ${name}`);
    return entry;
}
