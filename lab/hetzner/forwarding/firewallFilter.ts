import { inCidr } from "../cidr.ts";
import { portRange } from "../resources/firewallRules.ts";
import type { FirewallRecord, FirewallRule } from "../state/model.ts";

/** Ports that are opened where rules, or their absence, allow more than can be listened on. */
export const WELL_KNOWN_PORTS: readonly number[] = [22, 25, 80, 443, 465, 587, 6443];

/** Widest range of a rule whose ports are all listened on. */
const MAX_WIDTH = 64;

function inboundTcp(firewalls: readonly FirewallRecord[]): FirewallRule[] {
    return firewalls
        .flatMap((firewall) => firewall.rules)
        .filter((rule) => rule.direction === "in" && rule.protocol === "tcp");
}

function portsOf(rule: FirewallRule): number[] {
    const [first, last] = portRange(rule.port ?? "") ?? [1, 0];
    if (last - first >= MAX_WIDTH)
        return WELL_KNOWN_PORTS.filter((port) => port >= first && port <= last);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** TCP ports of a public interface that anyone may reach: all well-known ones without a firewall, else what rules name. */
export function openPorts(firewalls: readonly FirewallRecord[]): number[] {
    if (firewalls.length === 0) return [...WELL_KNOWN_PORTS];
    return [...new Set(inboundTcp(firewalls).flatMap(portsOf))].sort((a, b) => a - b);
}

/** Whether a connection from that address to that port passes. No firewall lets everything in; with one, only what a rule allows. */
export function allows(
    firewalls: readonly FirewallRecord[],
    port: number,
    sourceIp: string,
): boolean {
    if (firewalls.length === 0) return true;
    return inboundTcp(firewalls).some((rule) => {
        const [first, last] = portRange(rule.port ?? "") ?? [1, 0];
        return (
            port >= first && port <= last && rule.source_ips.some((cidr) => inCidr(sourceIp, cidr))
        );
    });
}
