import type { V1Node } from "@kubernetes/client-node";

/** Label that k3s (and kubeadm) put on control planes. */
const CONTROL_PLANE_LABEL = "node-role.kubernetes.io/control-plane";

/** Whether a node is a control plane, by its role label. */
export function isControlPlane(node: V1Node): boolean {
    return CONTROL_PLANE_LABEL in (node.metadata?.labels ?? {});
}

/** Whether the node's Ready condition is True. */
export function isReady(node: V1Node): boolean {
    return node.status?.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false;
}

/**
 * Whether etcd keeps its majority when the member of `leaving` goes: of the control planes that remain, more than half
 * must be Ready. Removing the last one leaves no cluster to protect, so that is allowed here (and refused earlier where it
 * would be a replacement).
 */
export function keepsQuorum(nodes: readonly V1Node[], leaving: string): boolean {
    const remaining = nodes.filter((n) => isControlPlane(n) && n.metadata?.name !== leaving);
    return remaining.length === 0 || remaining.filter(isReady).length * 2 > remaining.length;
}
