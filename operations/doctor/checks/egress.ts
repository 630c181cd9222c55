import { type Check, NotApplicable, NotSeen } from "../check.ts";
import type { NodeSight } from "../clusterView.ts";
import type { Examination } from "../examination.ts";
import { isCurrent, seenAddress, type ProbeResult } from "../probe.ts";
import { egressKeys } from "../subject.ts";

/** What one place sees of the way out. */
interface Sight {
    /** For people. */
    readonly place: string;
    readonly result: ProbeResult;
}

function unreachable(cause: unknown): never {
    throw new NotSeen("the cluster cannot be asked for what its nodes and pods see", cause);
}

/** What the nodes that mail may leave from see, and those of them that have published nothing current. */
async function nodeSights({ cluster, subject, now }: Examination): Promise<{
    readonly seen: readonly Sight[];
    readonly blind: readonly string[];
}> {
    const nodes = new Map(
        (await cluster.nodes().catch(unreachable)).map((node: NodeSight) => [node.key, node]),
    );
    const seen: Sight[] = [];
    const blind: string[] = [];
    for (const key of egressKeys(subject)) {
        const result = nodes.get(key)?.result;
        if (result && isCurrent(result, now())) seen.push({ place: `node ${key}`, result });
        else blind.push(key);
    }
    return { seen, blind };
}

/** What a pod sees on the node that the mail server runs on. */
async function podSight({ cluster, now }: Examination): Promise<Sight> {
    const [probe, server] = await Promise.all([
        cluster.podProbe().catch(unreachable),
        cluster.mailPod().catch(unreachable),
    ]);
    if (probe === undefined)
        throw new NotSeen("no pod has looked at the way out yet (CronJob stalwart-probe)");
    if (!isCurrent(probe.result, now()))
        throw new NotSeen(`the last look of a pod is of ${probe.result.observedAt}`);
    if (server !== undefined && server.key !== probe.key)
        throw new NotSeen(
            `a pod looked from ${probe.key}, and the mail server runs on ${server.key} now`,
        );
    return { place: `pod on ${probe.key}`, result: probe.result };
}

export const egressAddress: Check = {
    number: 13,
    id: "egress-address",
    title: "mail leaves from the addresses that SPF and PTR speak of",
    severity: "required",
    vantage: "pod",
    remedy: "Look at the node's masquerading (Cilium, default route): pods must leave by the node's primary IPv4. Or publish the address: config key mailEgress.",
    async run(examination) {
        const { egress, egressIpv4 } = examination.subject.mail;
        const pod = await podSight(examination);
        const { seen } = await nodeSights(examination);
        const sights = [pod, ...seen].map(({ place, result }) => ({
            place,
            address: seenAddress(result),
        }));
        if (sights[0]?.address === undefined) {
            if (egress === "smart-host")
                throw new NotApplicable("the smart host does not tell which address it sees");
            throw new NotSeen("no server that the pod greeted told which address it sees");
        }
        const known = sights.filter(({ address }) => address !== undefined);
        return {
            evidence: known.map(({ place, address = "" }) => `${place} = ${address}`).join(", "),
            problems: known
                .filter(({ address = "" }) => !egressIpv4.includes(address))
                .map(
                    ({ place, address = "" }) =>
                        `the ${place} leaves by ${address}, which is not among ${egressIpv4.join(", ")}`,
                ),
        };
    },
};

/** A place is shut in where no server answers; one that does not is that server's own trouble. */
function shutIn({ place, result: { attempts } }: Sight): string[] {
    if (attempts.some(({ open }) => open)) return [];
    return attempts.map(({ target, answer }) => `the ${place} does not reach ${target}: ${answer}`);
}

export const wayOut: Check = {
    number: 15,
    id: "way-out",
    title: "the nodes reach other mail servers, or the smart host",
    severity: "required",
    vantage: "node",
    remedy: "Hetzner blocks outbound 25 and 465: ask for it in the Console (Limits), possible from one month after the first invoice, or send through a smart host on 587 (config keys mailEgress, smartHost): docs/runbooks/blocked-ports.md.",
    async run(examination) {
        const sights = [await podSight(examination)];
        // The nodes try port 25, which nothing leaves by where there is a smart host.
        if (examination.subject.mail.egress !== "smart-host") {
            const { seen, blind } = await nodeSights(examination);
            sights.push(...seen);
            if (blind.length > 0 && sights.every((sight) => shutIn(sight).length === 0))
                throw new NotSeen(`nothing current is published by ${blind.join(", ")}`);
        }
        return {
            evidence: sights
                .flatMap(({ place, result }) =>
                    result.attempts.map(({ target, answer }) => `${place} to ${target}: ${answer}`),
                )
                .join(", "),
            problems: sights.flatMap(shutIn),
        };
    },
};
