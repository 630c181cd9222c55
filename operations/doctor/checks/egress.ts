import { type Check, NotApplicable, NotSeen } from "../check.ts";
import type { Examination } from "../examination.ts";
import { PROBE_LIFETIME, type ProbeResult } from "../probe.ts";

/** Results that speak for the present. */
async function currentProbes({ cluster, now }: Examination): Promise<ProbeResult[]> {
    const all = await cluster.probes().catch((cause: unknown) => {
        throw new NotSeen("the cluster cannot be asked for what its nodes see", cause);
    });
    const current = all.filter(
        ({ observedAt }) => now().getTime() - Date.parse(observedAt) < PROBE_LIFETIME,
    );
    if (current.length === 0)
        throw new NotSeen(
            all.length === 0
                ? "no node has published what it sees (ConfigMap mail-probes)"
                : "what the nodes published is more than a day old (ConfigMap mail-probes)",
        );
    return current;
}

export const egressAddress: Check = {
    number: 13,
    id: "egress-address",
    title: "mail leaves from the addresses that SPF and PTR speak of",
    severity: "required",
    vantage: "pod",
    remedy: "Look at the node's masquerading (Cilium, default route): pods must leave by the node's primary IPv4. Or publish the address: config key mailEgress.",
    async run(examination) {
        const { egressIpv4 } = examination.subject.mail;
        const probes = await currentProbes(examination);
        const known = probes.filter(({ egressAddress: address }) => address !== null);
        if (known.length === 0) throw new NotSeen("no probe could ask for its own address");
        return {
            evidence: known
                .map(({ node, egressAddress: ip }) => `${node} = ${ip ?? ""}`)
                .join(", "),
            problems: known
                .filter(({ egressAddress: address }) => !egressIpv4.includes(address ?? ""))
                .map(
                    ({ node, egressAddress: address }) =>
                        `${node} leaves by ${address ?? ""}, which is not among ${egressIpv4.join(", ")}`,
                ),
        };
    },
};

export const wayOut: Check = {
    number: 15,
    id: "way-out",
    title: "the nodes reach other mail servers, or the smart host",
    severity: "required",
    vantage: "node",
    remedy: "Hetzner blocks outbound 25 and 465: ask for it in the Console (Limits), possible from one month after the first invoice, or send through a smart host on 587 (config keys mailEgress, smartHost).",
    async run(examination) {
        const probes = await currentProbes(examination);
        const attempts = probes.flatMap(({ node, outbound }) =>
            outbound.map((attempt) => ({ node, ...attempt })),
        );
        if (attempts.length === 0) throw new NotSeen("no probe tried to reach a mail server");
        return {
            evidence: attempts
                .map(({ node, target, answer }) => `${node} to ${target}: ${answer}`)
                .join(", "),
            problems: attempts
                .filter(({ open }) => !open)
                .map(({ node, target, answer }) => `${node} does not reach ${target}: ${answer}`),
        };
    },
};

function reversed(ip: string): string {
    return ip.split(".").reverse().join(".");
}

/** Answers by which lists refuse to be asked, for example through public resolvers. */
const LIST_ERROR = "127.255.255.";

async function listing({ dns }: Examination, name: string): Promise<string[]> {
    try {
        return (await dns.resolve(name, "A")) as string[];
    } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOTFOUND") return [];
        throw new NotSeen(`${name} cannot be looked up here`, error);
    }
}

export const blocklists: Check = {
    number: 14,
    id: "blocklists",
    title: "no blocklist has the addresses or the domain",
    severity: "advised",
    vantage: "outside",
    remedy: "Ask the list to take it off (docs/runbooks/delisting.md); a fresh address of the cloud may carry its last owner's listing: replace the primary IP before mail is sent.",
    async run(examination) {
        const { network, subject } = examination;
        if (network.addressLists.length + network.nameLists.length === 0)
            throw new NotApplicable("no blocklist is configured");
        const names = [
            ...subject.mail.egressIpv4.flatMap((ip) =>
                network.addressLists.map((list) => `${reversed(ip)}.${list}`),
            ),
            ...network.nameLists.map((list) => `${subject.sovereign.fqdn}.${list}`),
        ];
        const problems: string[] = [];
        for (const name of names) {
            const answers = await listing(examination, name);
            const refused = answers.find((answer) => answer.startsWith(LIST_ERROR));
            if (refused !== undefined)
                throw new NotSeen(`${name}: the list refuses this resolver (${refused})`);
            if (answers.length > 0) problems.push(`${name} is listed: ${answers.join(", ")}`);
        }
        return { evidence: `asked for ${names.length} names`, problems };
    },
};
