/** What a server type gives its node. */
export interface NodeCapacity {
    readonly cpu: string;
    readonly memory: string;
    readonly "ephemeral-storage": string;
    readonly pods: string;
}

/** Cores, memory and disk in GB by server type (https://www.hetzner.com/cloud). */
const SPECIFICATIONS: Readonly<Record<string, readonly [number, number, number]>> = {
    cx23: [2, 4, 40],
    cx33: [4, 8, 80],
    cx43: [8, 16, 160],
    cpx22: [2, 4, 80],
    cpx32: [4, 8, 160],
    cpx42: [8, 16, 320],
    ccx13: [2, 8, 80],
    ccx23: [4, 16, 160],
    cax11: [2, 4, 40],
    cax21: [4, 8, 80],
};

/** Capacity of a node of this type; the smallest type's where the type is not in the table. Kubelet's default of 110 Pods. */
export function capacityOf(serverType: string): NodeCapacity {
    const [cores, memory, disk] = SPECIFICATIONS[serverType.toLowerCase()] ?? [2, 4, 40];
    return {
        cpu: String(cores),
        memory: `${memory * 1000}M`,
        "ephemeral-storage": `${disk}G`,
        pods: "110",
    };
}
