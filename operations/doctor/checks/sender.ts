import { spf, type SPFResult } from "mailauth";
import { type Check, NotSeen } from "../check.ts";
import { lower } from "../dns.ts";
import type { Examination } from "../examination.ts";
import { judgeIssuance } from "../issuance.ts";
import { published, publishedSets } from "../subject.ts";
import { delegationProblems } from "./furtherZones.ts";
import { compareSet } from "./publication.ts";

/** An address that no mail comes from (RFC 5737). */
const FOREIGN_ADDRESS = "192.0.2.1";

/** Most DNS queries and most empty answers of an evaluation (RFC 7208, section 4.6.4). */
const MAX_LOOKUPS = 10;
const MAX_VOID = 2;

async function evaluate(
    { dns, subject }: Examination,
    ip: string,
    sender: string,
): Promise<SPFResult> {
    return spf({
        ip,
        sender,
        helo: subject.mail.host,
        mta: "doctor",
        resolver: (name, type) => dns.resolve(name, type),
    });
}

async function checkSpf(examination: Examination, name: string, sender: string) {
    const { contents, problems } = await compareSet(examination, name, "TXT");
    const records = contents.filter((text) => /^v=spf1( |$)/i.test(text));
    const wrong = [...problems];
    if (records.length !== 1) wrong.push(`${name} has ${records.length} SPF records, not one`);
    if (records.some((record) => !record.endsWith(" -all")))
        wrong.push(`${name} does not end in -all`);
    for (const ip of examination.subject.mail.egressIpv4) {
        const { status, lookups } = await evaluate(examination, ip, sender);
        if (status.result !== "pass")
            wrong.push(`${ip} gets ${status.result} for ${sender}: ${status.comment ?? ""}`);
        if (lookups && lookups.count > MAX_LOOKUPS)
            wrong.push(`${lookups.count} DNS queries, receivers allow ${MAX_LOOKUPS}`);
        if (lookups && lookups.void > MAX_VOID)
            wrong.push(`${lookups.void} empty answers, receivers allow ${MAX_VOID}`);
    }
    const foreign = await evaluate(examination, FOREIGN_ADDRESS, sender);
    if (foreign.status.result !== "fail")
        wrong.push(`${FOREIGN_ADDRESS}, which is not ours, gets ${foreign.status.result}`);
    return { evidence: records.join(", ") || "no SPF record", problems: wrong };
}

export const senderPolicy: Check = {
    number: 3,
    id: "sender-policy",
    title: "SPF lets every address that mail leaves from send for the domain, and no other",
    severity: "required",
    vantage: "outside",
    remedy: "Run pulumi up; remove any other v=spf1 record at the domain. With a smart host set smartHost.spf to the term that its operator names.",
    run: (examination) => {
        const { fqdn } = examination.subject.sovereign;
        return checkSpf(examination, fqdn, examination.subject.smtp.from);
    },
};

export const greetingPolicy: Check = {
    number: 4,
    id: "greeting-policy",
    title: "SPF lets every address that mail leaves from greet as mail., which bounces are judged by",
    severity: "required",
    vantage: "outside",
    remedy: "Run pulumi up: the TXT record of mail. is the stack's.",
    run: (examination) => {
        const { host } = examination.subject.mail;
        return checkSpf(examination, host, `postmaster@${host}`);
    },
};

export const dmarcPolicy: Check = {
    number: 6,
    id: "dmarc-policy",
    title: "DMARC has one record, as strict as the stack says, and its reports may be sent",
    severity: "required",
    vantage: "outside",
    remedy: "Run pulumi up. A report address elsewhere needs a TXT record v=DMARC1 in that domain: see recordsElsewhere in the outputs.",
    async run(examination) {
        const { subject, dns } = examination;
        const { fqdn } = subject.sovereign;
        const name = `_dmarc.${fqdn}`;
        const { contents, problems } = await compareSet(examination, name, "TXT");
        const wrong = [...problems];
        const records = contents.filter((text) => text.startsWith("v=DMARC1"));
        if (records.length !== 1)
            wrong.push(`${name} has ${records.length} DMARC records, not one`);
        const domains = [...(records[0] ?? "").matchAll(/mailto:[^@;,\s]+@([^;,!\s]+)/g)]
            .map(([, domain = ""]) => domain)
            .filter((domain) => domain !== fqdn && !domain.endsWith(`.${fqdn}`));
        for (const domain of domains) {
            const permission = `${fqdn}._report._dmarc.${domain}`;
            const found = await dns.resolve(permission, "TXT").catch(() => []);
            if (!found.flat().some((text) => text.startsWith("v=DMARC1")))
                wrong.push(`${domain} does not agree to take reports: no TXT at ${permission}`);
        }
        return { evidence: records.join(", ") || "no DMARC record", problems: wrong };
    },
};

export const reportAddress: Check = {
    number: 8,
    id: "tls-reports",
    title: "other servers know where to report failures of TLS",
    severity: "advised",
    vantage: "outside",
    remedy: "Run pulumi up: the record of _smtp._tls. is the stack's.",
    async run(examination) {
        const name = `_smtp._tls.${examination.subject.sovereign.fqdn}`;
        const { contents, problems } = await compareSet(examination, name, "TXT");
        const valid = contents.length === 1 && /^v=TLSRPTv1; ?rua=\S+$/.test(contents[0] ?? "");
        return {
            evidence: contents.join(", ") || "no record",
            problems: valid ? problems : [...problems, `${name} has no valid record (RFC 8460)`],
        };
    },
};

export const silentNames: Check = {
    number: 10,
    id: "silent-names",
    title: "names that have an address but no mail say so, where receivers look",
    severity: "advised",
    vantage: "outside",
    remedy: "Run pulumi up: MX 0 . and v=spf1 -all of these names are the stack's. A further zone is delegated by its owner, at the registrar or in the parent zone: pulumi stack output dns has its name servers and DS records.",
    async run(examination) {
        const names = publishedSets(examination.subject)
            .filter(({ type, records: [content] }) => type === "MX" && content === "0 .")
            .map(({ name }) => name);
        const problems: string[] = [];
        for (const name of names)
            for (const type of ["MX", "TXT"])
                problems.push(...(await compareSet(examination, name, type)).problems);
        problems.push(...(await delegationProblems(examination)));
        return { evidence: names.join(", ") || "no such names", problems };
    },
};

export const certificateAuthorities: Check = {
    number: 11,
    id: "certificate-authorities",
    title: "CAA names the authorities that may issue, and public certificates are issued and renewed in time",
    severity: "advised",
    vantage: "outside",
    remedy: "Run pulumi up; the authorities are the config key caaIssuers. A certificate: kubectl describe certificate -n <namespace> <name>, and kubectl get challenges -A, which say what its proof waits for.",
    async run(examination) {
        const { subject, cluster, now } = examination;
        const { fqdn } = subject.sovereign;
        const { contents, problems } = await compareSet(examination, fqdn, "CAA");
        const wanted = published(subject, fqdn, "CAA") !== undefined;
        const wrong = [...problems];
        for (const { zone } of subject.dns.furtherZones ?? [])
            wrong.push(...(await compareSet(examination, lower(zone), "CAA")).problems);
        const evidence = contents.join(", ") || (wanted ? "no record" : "none, as configured");
        try {
            const issuance = judgeIssuance(await cluster.certificates(), now());
            return {
                evidence: `${evidence}; ${issuance.evidence}`,
                problems: [...wrong, ...issuance.problems],
            };
        } catch (cause) {
            if (wrong.length > 0) return { evidence, problems: wrong };
            throw new NotSeen("the cluster cannot be asked for its certificates", cause);
        }
    },
};
