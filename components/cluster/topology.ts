import type { NodeConfig } from "../../config/model.ts";

/** Control planes in the order in which they are created and rolled. Throws where there is none. */
export function controlPlanesOf(
    nodes: readonly NodeConfig[],
): [first: NodeConfig, ...others: NodeConfig[]] {
    const [first, ...others] = nodes
        .filter((n) => n.role === "control-plane")
        .sort((a, b) => a.index - b.index);
    if (!first) throw new Error("a cluster needs at least one control plane");
    return [first, ...others];
}

/** Private addresses that a node may join through: all control planes but itself, in order. */
export function peersOf(node: NodeConfig, nodes: readonly NodeConfig[]): string[] {
    return controlPlanesOf(nodes)
        .filter((peer) => peer.key !== node.key)
        .map((peer) => peer.privateIp);
}
