import type { NodeConfig } from "./model.ts";
import { ipv4Text, parseIpv4Network } from "./network.ts";

/** Offset of cp1 in the nodes subnet: `.2`; `.1` is left to gateways. */
const FIRST_CONTROL_PLANE = 2;

/** Offset of w1: `.10`, so that control planes can be added without moving workers. */
const FIRST_WORKER = 10;

export interface NodeCounts {
    readonly controlPlaneCount: number;
    readonly workerCount: number;
    readonly generations: Readonly<Record<string, number>>;
    readonly nodesCidr: string;
}

/** Keys of the nodes, in the order in which they are built: `cp1`…, then `w1`…. */
export function nodeKeys(counts: Pick<NodeCounts, "controlPlaneCount" | "workerCount">): string[] {
    return [
        ...Array.from({ length: counts.controlPlaneCount }, (_, i) => `cp${i + 1}`),
        ...Array.from({ length: counts.workerCount }, (_, i) => `w${i + 1}`),
    ];
}

/** Offset of the last node's address in the nodes subnet. */
export function lastOffset(counts: Pick<NodeCounts, "controlPlaneCount" | "workerCount">): number {
    return counts.workerCount > 0
        ? FIRST_WORKER + counts.workerCount - 1
        : FIRST_CONTROL_PLANE + counts.controlPlaneCount - 1;
}

/** The servers of the cluster. */
export function nodes(counts: NodeCounts): NodeConfig[] {
    const first = parseIpv4Network(counts.nodesCidr)?.first ?? 0;
    return nodeKeys(counts).map((key) => {
        const controlPlane = key.startsWith("cp");
        const index = Number(key.replace(/^[a-z]+/, ""));
        const offset = (controlPlane ? FIRST_CONTROL_PLANE : FIRST_WORKER) + index - 1;
        return {
            key,
            role: controlPlane ? "control-plane" : "worker",
            index,
            generation: counts.generations[key] ?? 1,
            privateIp: ipv4Text(first + offset),
        };
    });
}
