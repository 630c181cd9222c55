import type { types } from "@pulumi/hcloud";
import { PORTS } from "../ports.ts";
import type { PortName } from "../ports.ts";

/** Every address of both families. */
export const ANYWHERE = ["0.0.0.0/0", "::/0"] as const;

/** Most ranges that one rule may hold (https://docs.hetzner.com/cloud/firewalls/overview). */
const MAX_CIDRS_PER_RULE = 100;

/** SSH on the nodes themselves; the load balancer has no service for it. */
const SSH_PORT = 22;

export interface FirewallRulesArgs {
    /** Who may use SSH. No rule where it is empty. */
    readonly sshAllowedCidrs: readonly string[];
    /** Who may use the Kubernetes API at the nodes. No rule where it is empty. */
    readonly apiAllowedCidrs: readonly string[];
    /** Rows of the port table that nodes accept from anywhere; what comes through the load balancer needs none. */
    readonly publicPorts: readonly PortName[];
}

type Rule = types.input.FirewallRule;

/**
 * Rules for the public side of the nodes; what no rule allows is dropped. Outbound there are none, so everything may
 * leave. The private network, and with it the load balancer, passes no firewall at Hetzner.
 */
export function firewallRules(args: FirewallRulesArgs): Rule[] {
    return [
        {
            direction: "in",
            protocol: "icmp",
            sourceIps: [...ANYWHERE],
            description: "ICMP: path MTU discovery, ping",
        },
        ...tcp(SSH_PORT, "SSH", args.sshAllowedCidrs),
        ...tcp(PORTS.kubernetes.node, PORTS.kubernetes.purpose, args.apiAllowedCidrs),
        ...args.publicPorts.flatMap((p) => tcp(PORTS[p].node, PORTS[p].purpose, ANYWHERE)),
    ];
}

function tcp(port: number, description: string, sources: readonly string[]): Rule[] {
    const rules: Rule[] = [];
    for (let i = 0; i < sources.length; i += MAX_CIDRS_PER_RULE)
        rules.push({
            direction: "in",
            protocol: "tcp",
            port: String(port),
            sourceIps: sources.slice(i, i + MAX_CIDRS_PER_RULE),
            description,
        });
    return rules;
}
