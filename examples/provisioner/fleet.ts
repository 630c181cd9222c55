import type { StackOutputs } from "../../operations/outputs/contract.ts";
import type { OutputProblem } from "../../operations/outputs/problem.ts";
import type { ReferencedSovereign } from "../../operations/outputs/readSovereign.ts";

/**
 * How a Sovereign stands by what its last update left: Helm's word on its two releases. `unknown` where a bootstrap kit has one of them,
 * of which only Flux in its cluster can tell.
 */
export type Health = "ready" | "pending" | "failed" | "unknown";

/** A Sovereign in the view of the fleet. It holds no secret. */
export interface FleetMember {
    readonly stack: string;
    readonly fqdn: string;
    /** Version of the outputs that it was read by, `<major>.<revision>`. */
    readonly contract: string;
    readonly location: string;
    readonly consoleUrl: string;
    readonly gitopsRepoUrl: string;
    readonly nameServers: readonly string[];
    /** What the parent zone has to publish. */
    readonly dsRecords: readonly string[];
    readonly addresses: {
        readonly loadBalancerIpv4: string;
        readonly loadBalancerIpv6: string | null;
        readonly controlPlaneIpv4: string;
        /** Addresses that mail leaves from. */
        readonly egressIpv4: readonly string[];
    };
    readonly health: Health;
    /** Why it is not ready; empty where it is. */
    readonly reasons: readonly string[];
}

/** A stack whose outputs cannot be read, and everything that keeps them from it. */
export interface UnreadableStack {
    readonly stack: string;
    readonly problems: readonly OutputProblem[];
}

type Readable = StackOutputs | ReferencedSovereign;

function healthOf(statuses: readonly string[]): Health {
    const open = statuses.filter((status) => status !== "deployed");
    if (open.length === 0) return "ready";
    if (open.includes("failed")) return "failed";
    return open.every((status) => status === "kit") ? "unknown" : "pending";
}

function reasonOf(release: string, status: string): string {
    return status === "kit"
        ? `the release of the ${release} is the bootstrap kit's: ask Flux in its cluster`
        : `the release of the ${release} is ${status}`;
}

/** What the fleet's view shows of a Sovereign. Pure. */
export function fleetMember(stack: string, outputs: Readable): FleetMember {
    const { sovereign, cloud, dns, mail, platform } = outputs;
    const releases = { "mail server": mail.release, platform: platform.release };
    return {
        stack,
        fqdn: sovereign.fqdn,
        contract: `${outputs.schemaVersion}.${outputs.schemaRevision ?? 0}`,
        location: cloud.location,
        consoleUrl: sovereign.consoleUrl,
        gitopsRepoUrl: sovereign.gitopsRepoUrl,
        nameServers: dns.nameServers,
        dsRecords: dns.dsRecords,
        addresses: {
            loadBalancerIpv4: cloud.loadBalancerIpv4,
            loadBalancerIpv6: cloud.loadBalancerIpv6,
            controlPlaneIpv4: outputs.controlPlaneIp,
            egressIpv4: mail.egressIpv4,
        },
        health: healthOf(Object.values(releases)),
        reasons: Object.entries(releases)
            .filter(([, status]) => status !== "deployed")
            .map(([name, status]) => reasonOf(name, status)),
    };
}
