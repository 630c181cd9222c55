import type { StackOutputs } from "../outputs/contract.ts";

/** What the doctor reads of a stack's outputs (`operations/outputs/contract.ts`), secrets in plain. */
export interface Subject {
    readonly sovereign: Pick<StackOutputs["sovereign"], "fqdn">;
    readonly cloud: Pick<StackOutputs["cloud"], "loadBalancerIpv4" | "nodeIpv4">;
    readonly cluster: Pick<StackOutputs["cluster"], "kubeconfig">;
    readonly dns: Pick<StackOutputs["dns"], "nameServers" | "dsRecords"> & {
        readonly records: readonly PublishedSet[];
        /** Zones beside the Sovereign's own, at the same servers. @default none, as in stacks from before there were any */
        readonly furtherZones?:
            | readonly { readonly zone: string; readonly records: readonly PublishedSet[] }[]
            | undefined;
    };
    readonly mail: Pick<
        StackOutputs["mail"],
        "host" | "mxHost" | "egress" | "egressIpv4" | "authorityCertificate"
    > & { readonly dkim: readonly PublishedSelector[] };
    readonly smtp: Pick<StackOutputs["smtp"], "from">;
}

/** A record set as the stack publishes it. */
export interface PublishedSet {
    readonly name: string;
    readonly type: string;
    /** Presentation format; TXT as plain text. */
    readonly records: readonly string[];
}

/** A DKIM selector as the stack publishes it. */
export type PublishedSelector = Pick<
    StackOutputs["mail"]["dkim"][number],
    "selector" | "algorithm" | "state" | "name" | "txt"
>;

/** Everything that the stack publishes, in all of its zones. */
export function publishedSets({ dns }: Subject): readonly PublishedSet[] {
    return [...dns.records, ...(dns.furtherZones ?? []).flatMap(({ records }) => records)];
}

/** Contents that the stack publishes for a name and type; undefined where it publishes none. */
export function published(
    subject: Subject,
    name: string,
    type: string,
): readonly string[] | undefined {
    return publishedSets(subject).find((set) => set.name === name && set.type === type)?.records;
}

/** Keys of the nodes that mail may leave from, `cp1`, `w1`, …, in their order. */
export function egressKeys({ cloud, mail }: Subject): string[] {
    return Object.entries(cloud.nodeIpv4)
        .filter(([, address]) => mail.egressIpv4.includes(address))
        .map(([key]) => key)
        .sort();
}
