import { z } from "zod";
import type { Resource } from "../engine/resource.ts";
import { rule } from "../engine/rule.ts";
import { items, properties } from "../engine/values.ts";
import type { Value } from "../engine/values.ts";
import { TYPES } from "./types.ts";

function judgeServer({ props }: Resource): string[] {
    if (typeof props.publicNets === "symbol") return [];
    const nets = items(props.publicNets).map(properties);
    if (nets.length === 0)
        return [
            "it has no publicNets, so Hetzner gives it addresses that end with it: name primary addresses",
        ];
    const given = (enabled: Value | undefined, id: Value | undefined) =>
        enabled === false || (id !== undefined && id !== null && id !== 0);
    return nets.flatMap((net) => [
        ...(given(net.ipv4Enabled, net.ipv4)
            ? []
            : ["its IPv4 address ends with it: name a primary address (publicNets.ipv4)"]),
        ...(given(net.ipv6Enabled, net.ipv6)
            ? []
            : [
                  "its IPv6 network ends with it: name a primary address (publicNets.ipv6), or switch IPv6 off",
              ]),
    ]);
}

/** Hetzner deletes an address together with its server where `auto_delete` is set, which is its own default. */
export const lastingAddresses = rule({
    name: "lasting-addresses",
    description: "Public addresses outlive the servers that have them.",
    severity: "high",
    config: z.object({}),
    resources: {
        types: [TYPES.primaryIp, TYPES.server],
        judge(resource) {
            if (resource.type === TYPES.server) return judgeServer(resource);
            const { autoDelete } = resource.props;
            return autoDelete === false || typeof autoDelete === "symbol"
                ? []
                : [
                      "Hetzner deletes it together with its server, and its reputation is lost: set autoDelete to false",
                  ];
        },
    },
});
