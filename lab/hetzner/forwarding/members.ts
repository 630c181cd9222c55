import { labPort } from "../../addresses.ts";
import { serversOfTarget } from "../state/lookup.ts";
import type {
    LoadBalancerRecord,
    LoadBalancerTarget,
    ProjectState,
    ServerRecord,
} from "../state/model.ts";
import type { Endpoint } from "./relay.ts";

/** One machine that a load balancer may send a connection to. */
export interface Member {
    /** `server-<id>` or `ip-<address>`. */
    readonly key: string;
    /** Host that answers for it; undefined while it can't be reached at all. */
    readonly host: string | undefined;
}

function hostOf(
    project: ProjectState,
    balancer: LoadBalancerRecord,
    target: LoadBalancerTarget,
    server: ServerRecord,
): string | undefined {
    if (server.status !== "running") return undefined;
    if (!target.usePrivateIp) return project.primary_ips.find((ip) => ip.id === server.ipv4)?.ip;
    const shared = server.privateNet.some((nic) => nic.network === balancer.network?.network);
    return shared ? server.hostAddress : undefined;
}

/** Machines behind the load balancer's targets, each once. */
export function membersOf(project: ProjectState, balancer: LoadBalancerRecord): Member[] {
    const members = new Map<string, Member>();
    for (const target of balancer.targets) {
        if (target.type === "ip")
            members.set(`ip-${target.ip}`, { key: `ip-${target.ip}`, host: target.ip });
        for (const server of serversOfTarget(project, target)) {
            const key = `server-${server.id}`;
            const host = hostOf(project, balancer, target, server) ?? members.get(key)?.host;
            members.set(key, { key, host });
        }
    }
    return [...members.values()];
}

/** Endpoint of a member's port; the connection comes from the load balancer's address. */
export function endpointOf(
    balancer: LoadBalancerRecord,
    host: string,
    port: number,
    portOffset: number,
): Endpoint {
    return { host, port: labPort(port, portOffset), localAddress: balancer.ipv4 };
}
