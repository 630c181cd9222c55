import type { ApiExposure } from "../../config/model.ts";
import { GATEWAY_NODE_PORTS, PORTS } from "../ports.ts";
import type { Port, PortName } from "../ports.ts";

/** What a type of load balancer can hold (https://docs.hetzner.com/cloud/load-balancers/overview). */
export const LOAD_BALANCER_LIMITS: Readonly<
    Record<string, { readonly services: number; readonly targets: number }>
> = {
    lb11: { services: 5, targets: 25 },
    lb21: { services: 15, targets: 75 },
    lb31: { services: 30, targets: 150 },
};

/** How the load balancer asks a target whether it is alive. All durations in seconds. */
export const HEALTH_CHECK = { interval: 5, timeout: 3, retries: 3 } as const;

/** Rows of the port table that carry mail from outside. */
export type MailPortName = Extract<PortName, "smtp" | "submission" | "submissions">;

/** A service of the load balancer: a row of the port table by its name. */
export interface LoadBalancerServiceSpec extends Port {
    readonly name: PortName;
}

/** What answers on 80 and 443: Cilium's shared Ingress, or a Gateway. */
export type WayIn = "ingress" | "gateway";

/** Services that a Sovereign's load balancer has, in the order of the port table. */
export function loadBalancerServices(
    apiExposure: ApiExposure,
    mailPorts: readonly MailPortName[],
    wayIn: WayIn = "ingress",
): LoadBalancerServiceSpec[] {
    const wanted = new Set<PortName>([
        "http",
        "https",
        ...mailPorts,
        ...(apiExposure === "load-balancer" ? (["kubernetes"] as const) : []),
    ]);
    return (Object.keys(PORTS) as PortName[])
        .filter((name) => wanted.has(name))
        .map((name) => ({ name, ...PORTS[name], ...(wayIn === "gateway" && gatewayPort(name)) }));
}

function gatewayPort(name: PortName): { readonly node: number } | undefined {
    return name === "http" || name === "https" ? { node: GATEWAY_NODE_PORTS[name] } : undefined;
}

/**
 * What does not fit the chosen type of load balancer, as sentences for people; empty where all of it fits. A type that
 * is not known here is left to Hetzner to judge.
 */
export function loadBalancerProblems(
    type: string,
    services: readonly LoadBalancerServiceSpec[],
    targets: number,
): string[] {
    const limits = LOAD_BALANCER_LIMITS[type];
    if (!limits) return [];
    const problems: string[] = [];
    if (services.length > limits.services)
        problems.push(
            `${type} holds ${limits.services} services, but ${services.length} are configured ` +
                `(${services.map((s) => s.listen).join(", ")})` +
                advice(type, (l) => l.services >= services.length),
        );
    if (targets > limits.targets)
        problems.push(
            `${type} holds ${limits.targets} targets, but there are ${targets} nodes` +
                advice(type, (l) => l.targets >= targets),
        );
    return problems;
}

type Limits = (typeof LOAD_BALANCER_LIMITS)[string];

function advice(type: string, fits: (limits: Limits) => boolean): string {
    const larger = Object.entries(LOAD_BALANCER_LIMITS).find(([t, l]) => t !== type && fits(l));
    return larger ? `; ${larger[0]} would do` : "; no larger type is known";
}
