import type { Check } from "../check.ts";
import { isAbsent } from "../dns.ts";
import type { Examination } from "../examination.ts";
import { published } from "../subject.ts";
import { compareSet } from "./publication.ts";

/** Names of the cloud that say nothing about whose address it is. */
const GENERIC_NAME = /\.clients\.your-server\.de$/i;

export const hostAddresses: Check = {
    number: 1,
    id: "host-addresses",
    title: "mail. and mx. have the addresses of the nodes and of the load balancer",
    severity: "required",
    vantage: "outside",
    remedy: "Run pulumi up: the A records are the stack's. If an address was moved by hand, see docs/runbooks/moving-an-address.md.",
    async run(examination) {
        const { mail, cloud } = examination.subject;
        const problems: string[] = [];
        const seen: string[] = [];
        for (const [name, addresses] of [
            [mail.host, mail.egressIpv4],
            [mail.mxHost, [cloud.loadBalancerIpv4]],
        ] as const) {
            const { contents, problems: wrong } = await compareSet(examination, name, "A");
            problems.push(...wrong);
            for (const address of addresses)
                if (!contents.includes(address))
                    problems.push(`${name} does not lead to ${address}`);
            if (published(examination.subject, name, "AAAA"))
                problems.push(...(await compareSet(examination, name, "AAAA")).problems);
            seen.push(`${name} = ${contents.join(" ")}`);
        }
        return { evidence: seen.join(", "), problems };
    },
};

export const mailExchanger: Check = {
    number: 2,
    id: "mail-exchanger",
    title: "the domain has one MX, a host with an address and no alias",
    severity: "required",
    vantage: "outside",
    remedy: "Run pulumi up; remove any MX record that the stack did not write.",
    async run(examination) {
        const { subject, dns } = examination;
        const { contents, problems } = await compareSet(examination, subject.sovereign.fqdn, "MX");
        const target = contents[0]?.split(" ")[1] ?? "";
        const wrong = [...problems];
        if (contents.length !== 1) wrong.push(`${contents.length} MX records`);
        if (target !== "" && (await dns.authoritative(target, "CNAME")).length > 0)
            wrong.push(`${target} is an alias (RFC 2181, section 10.3)`);
        if (target !== "" && (await dns.authoritative(target, "A")).length === 0)
            wrong.push(`${target} has no address`);
        return { evidence: contents.join(", "), problems: wrong };
    },
};

async function leadsTo({ dns }: Examination, name: string, ip: string): Promise<boolean> {
    try {
        return ((await dns.resolve(name, "A")) as string[]).includes(ip);
    } catch (error) {
        if (isAbsent(error)) return false;
        throw error;
    }
}

export const reverseNames: Check = {
    number: 12,
    id: "reverse-names",
    title: "every address that mail leaves from is called mail., which leads back to it",
    severity: "required",
    vantage: "outside",
    remedy: "Run pulumi up: the PTR records are set on the primary addresses (hcloud.Rdns). Receivers refuse mail without them (Gmail 5.7.25).",
    async run(examination) {
        const { mail } = examination.subject;
        const problems: string[] = [];
        const seen: string[] = [];
        for (const ip of mail.egressIpv4) {
            const names = await examination.dns.reverse(ip);
            seen.push(`${ip} = ${names.join(" ") || "nothing"}`);
            if (names.length !== 1 || names[0]?.toLowerCase() !== mail.host)
                problems.push(`${ip} is called ${names.join(", ") || "nothing"}, not ${mail.host}`);
            for (const name of names) {
                if (GENERIC_NAME.test(name)) problems.push(`${name} is the cloud's generic name`);
                else if (!(await leadsTo(examination, name, ip)))
                    problems.push(`${name} does not lead back to ${ip}`);
            }
        }
        return { evidence: seen.join(", "), problems };
    },
};
