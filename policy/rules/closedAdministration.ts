import ipaddr from "ipaddr.js";
import { z } from "zod";
import { rule } from "../engine/rule.ts";
import type { Resource } from "../engine/resource.ts";
import { items, properties, text, texts } from "../engine/values.ts";
import { TYPES } from "./types.ts";

/** SSH and the Kubernetes API (`components/ports.ts`). */
const PORTS = [22, 6443];

const config = z.object({
    ports: z
        .array(z.int().min(1).max(65_535))
        .default(PORTS)
        .describe("TCP ports that the world may not reach."),
    widestIpv4: z
        .int()
        .default(8)
        .describe(
            "Shortest IPv4 prefix that is not the world: two halves of it are as open as /0.",
        ),
    widestIpv6: z.int().default(16).describe("The same of IPv6."),
    apiAtLoadBalancer: z
        .enum(["allowed", "forbidden"])
        .default("allowed")
        .describe(
            "Whether the Kubernetes API may be a service of the load balancer, which has no firewall: client certificates alone guard it there. " +
                "The program's default is to have it there (apiExposure).",
        ),
});

type Config = z.output<typeof config>;

/** Ports that a rule opens: `22`, `20-30`, `any`; all where none are given. */
function opens(ports: string | undefined, port: number): boolean {
    if (ports === undefined || ports === "" || ports === "any") return true;
    const [first, last] = ports.split("-").map(Number);
    return first !== undefined && first <= port && port <= (last ?? first);
}

function isWorld(network: string, { widestIpv4, widestIpv6 }: Config): boolean {
    if (!ipaddr.isValidCIDR(network)) return false;
    const [address, prefix] = ipaddr.parseCIDR(network);
    return prefix < (address.kind() === "ipv4" ? widestIpv4 : widestIpv6);
}

function judgeFirewall({ props }: Resource, settings: Config): string[] {
    return items(props.rules)
        .map(properties)
        .flatMap((entry) => {
            if (entry.direction !== "in" || entry.protocol !== "tcp") return [];
            const world = texts(entry.sourceIps).filter((network) => isWorld(network, settings));
            const open = settings.ports.filter((port) => opens(text(entry.port), port));
            return world.length === 0
                ? []
                : open.map(
                      (port) =>
                          `port ${port} is open to ${world.join(", ")}: name the networks that may reach it (${port === 22 ? "sshAllowedCidrs" : "apiAllowedCidrs"}), none wider than /${settings.widestIpv4} or /${settings.widestIpv6}`,
                  );
        });
}

function judgeService({ props }: Resource, { apiAtLoadBalancer, ports }: Config): string[] {
    const port = Number(props.listenPort);
    if (!ports.includes(port)) return [];
    if (port === 22)
        return ["SSH is a service of the load balancer, which has no firewall: remove it"];
    return apiAtLoadBalancer === "allowed"
        ? []
        : [
              `port ${port} is a service of the load balancer, which has no firewall: set apiExposure to nodes, and apiAllowedCidrs`,
          ];
}

/** No SSH and no Kubernetes API open to the world. */
export const closedAdministration = rule({
    name: "closed-administration",
    description: "SSH and the Kubernetes API are not open to the world.",
    severity: "critical",
    config,
    resources: {
        types: [TYPES.firewall, TYPES.server, TYPES.loadBalancerService],
        judge(resource, settings) {
            if (resource.type === TYPES.firewall) return judgeFirewall(resource, settings);
            if (resource.type === TYPES.loadBalancerService)
                return judgeService(resource, settings);
            return items(resource.props.firewallIds).length === 0 &&
                typeof resource.props.firewallIds !== "symbol"
                ? ["no firewall is attached, so every port is open: set firewallIds"]
                : [];
        },
    },
});
