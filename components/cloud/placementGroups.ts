import type { NodeConfig } from "../../config/model.ts";

/** Most servers of a spread placement group (https://docs.hetzner.com/cloud/placement-groups/overview). */
export const MAX_SERVERS_PER_GROUP = 10;

/** Part of the name of the spread group that a node belongs to: control planes have one, workers one for each ten. */
export function placementGroupOf(node: NodeConfig): string {
    return node.role === "control-plane"
        ? "control-planes"
        : `workers-${Math.ceil(node.index / MAX_SERVERS_PER_GROUP)}`;
}
