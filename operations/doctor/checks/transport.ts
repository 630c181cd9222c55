import { createHash } from "node:crypto";
import { request } from "node:https";
import { rootCertificates, TLSSocket } from "node:tls";
import { mtaStsPolicy, mtaStsValue } from "../../../components/mail/mtaSts.ts";
import { type Check, NotApplicable } from "../check.ts";
import type { Examination } from "../examination.ts";
import { SmtpDialogue } from "../smtp/dialogue.ts";
import { published } from "../subject.ts";
import { validityProblems } from "../validity.ts";
import { compareSet } from "./publication.ts";

interface Page {
    readonly status: number;
    readonly type: string;
    readonly text: string;
    /** When the certificate that it was served under ends. */
    readonly validTo: Date | undefined;
}

/** Fetches the policy by name at the load balancer, which is where its name leads. */
function fetchPolicy({ subject, network }: Examination): Promise<Page> {
    const host = `mta-sts.${subject.sovereign.fqdn}`;
    const address = subject.cloud.loadBalancerIpv4;
    return new Promise((resolve, reject) => {
        const asked = request(
            {
                host,
                port: network.port(443),
                path: "/.well-known/mta-sts.txt",
                ca: [...rootCertificates, network.authorities],
                agent: false,
                timeout: network.timeout,
                lookup: (_name, { all }, found) => {
                    if (all === true) found(null, [{ address, family: 4 }]);
                    else found(null, address, 4);
                },
            },
            (response) => {
                const { socket } = response;
                const certificate =
                    socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
                let text = "";
                response.setEncoding("utf8");
                response.on("data", (chunk: string) => {
                    text += chunk;
                });
                response.on("end", () => {
                    const type = response.headers["content-type"] ?? "";
                    const { statusCode: status = 0 } = response;
                    resolve({ status, type, text, validTo: certificate?.validToDate });
                });
            },
        );
        asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
        asked.on("error", reject);
        asked.end();
    });
}

export const transportPolicy: Check = {
    number: 7,
    id: "transport-policy",
    title: "the MTA-STS policy is served under its name, and its record carries its digest",
    severity: "advised",
    vantage: "outside",
    remedy: "Run pulumi up; look at the HTTPRoute or Ingress stalwart-mta-sts and its certificate. Until it is served, set mtaSts to testing or none.",
    async run(examination) {
        const { subject, now } = examination;
        const name = `_mta-sts.${subject.sovereign.fqdn}`;
        if (published(subject, name, "TXT") === undefined)
            throw new NotApplicable("mtaSts is none");
        const { contents, problems } = await compareSet(examination, name, "TXT");
        const wrong = [...problems];
        const policies = (["testing", "enforce"] as const).map((mode) =>
            mtaStsPolicy(mode, subject.mail.mxHost),
        );
        try {
            const { status, type, text, validTo } = await fetchPolicy(examination);
            if (validTo !== undefined) wrong.push(...validityProblems(validTo, now()));
            if (status !== 200) wrong.push(`the policy's page answers ${status}`);
            else if (!type.startsWith("text/plain")) wrong.push(`the policy's page is ${type}`);
            else if (!policies.includes(text)) wrong.push(`the policy is "${text}"`);
            else if (!contents.includes(mtaStsValue(text)))
                wrong.push("the record's id is not that of the policy");
        } catch (error) {
            const reason = error instanceof Error ? error.message : String(error);
            wrong.push(`the policy cannot be fetched: ${reason}`);
        }
        return { evidence: contents.join(", ") || "no record", problems: wrong };
    },
};

export const pinnedKey: Check = {
    number: 9,
    id: "pinned-key",
    title: "the TLSA record pins the key that port 25 serves, in a signed zone",
    severity: "advised",
    vantage: "outside",
    remedy: "Run pulumi up, then restart the pod stalwart-0; a public certificate must keep its key (rotationPolicy: Never). Until both agree, set tlsa to false.",
    async run(examination) {
        const { subject, network } = examination;
        const name = `_25._tcp.${subject.mail.mxHost}`;
        if (published(subject, name, "TLSA") === undefined)
            throw new NotApplicable("tlsa is false");
        const { contents, problems } = await compareSet(examination, name, "TLSA");
        const wrong = [...problems];
        if (subject.dns.dsRecords.length === 0) wrong.push("the zone is not signed");
        const endpoint = { host: subject.cloud.loadBalancerIpv4, port: network.port(25) };
        try {
            const { dialogue } = await SmtpDialogue.open(endpoint, network.timeout);
            try {
                await dialogue.say("EHLO doctor.invalid");
                const { certificate } = await dialogue.startTls(
                    subject.mail.mxHost,
                    network.authorities,
                );
                const spki = certificate.publicKey.export({ type: "spki", format: "der" });
                const digest = createHash("sha256").update(spki).digest("hex");
                if (!contents.includes(`3 1 1 ${digest}`))
                    wrong.push(`port 25 serves another key (3 1 1 ${digest})`);
            } finally {
                dialogue.close();
            }
        } catch (error) {
            wrong.push(error instanceof Error ? error.message : String(error));
        }
        return { evidence: contents.join(", ") || "no record", problems: wrong };
    },
};
