import { type Check, NotApplicable, NotSeen } from "../check.ts";
import type { Examination } from "../examination.ts";

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
