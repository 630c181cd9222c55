import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Check, NotSeen } from "../check.ts";
import type { Endpoint, Examination } from "../examination.ts";
import { SmtpDialogue, type TlsState } from "../smtp/dialogue.ts";
import { validityProblems } from "../validity.ts";

/** How the doctor calls itself. */
const OWN_NAME = "doctor.invalid";

function inbound({ subject, network }: Examination): Endpoint {
    return { host: subject.cloud.loadBalancerIpv4, port: network.port(25) };
}

function submission({ network }: Examination): Endpoint {
    if (network.submission === undefined)
        throw new NotSeen("port 587 is open in the cluster only, and no way into it is given");
    return network.submission;
}

/** Milliseconds in which a server that is just being restarted, for a new certificate or plan, is back. */
const RESTART = 3_000;

type Work = (
    dialogue: SmtpDialogue,
    greeting: string,
) => Promise<{ evidence: string; problems: string[] }>;

async function converse({ network }: Examination, endpoint: Endpoint, work: Work) {
    const { dialogue, greeting } = await SmtpDialogue.open(endpoint, network.timeout);
    try {
        return await work(dialogue, greeting);
    } finally {
        dialogue.close();
    }
}

/** Speaks with a server, once more where it hangs up. A server that is not there is a problem, not an unknown. */
async function speak(
    examination: Examination,
    endpoint: Endpoint,
    work: Work,
): Promise<{ evidence: string; problems: string[] }> {
    for (let again = false; ; again = true)
        try {
            return await converse(examination, endpoint, work);
        } catch (error) {
            if (error instanceof NotSeen) throw error;
            if (again) {
                const reason = error instanceof Error ? error.message : String(error);
                return { evidence: `${endpoint.host}:${endpoint.port}`, problems: [reason] };
            }
            await delay(RESTART);
        }
}

/** Why nobody should trust the server that shows the certificate. */
function distrustOf({ certificate, distrust }: TlsState, names: readonly string[]): string[] {
    return [
        ...(distrust === undefined ? [] : [`its certificate is not trusted: ${distrust}`]),
        ...names
            .filter((name) => certificate.checkHost(name) === undefined)
            .map((name) => `its certificate is not for ${name}`),
    ];
}

function certificateProblems(
    { now }: Examination,
    tls: TlsState,
    names: readonly string[],
): string[] {
    const { certificate, protocol } = tls;
    return [
        ...distrustOf(tls, names),
        ...validityProblems(certificate.validToDate, now()),
        ...(protocol === "TLSv1.2" || protocol === "TLSv1.3" ? [] : [`it speaks ${protocol}`]),
    ];
}

export const inboundServer: Check = {
    number: 16,
    id: "inbound-server",
    title: "port 25 answers as mail., with STARTTLS and a certificate that is valid for a while",
    severity: "required",
    vantage: "outside",
    remedy: "Look at the pod stalwart-0 and at the load balancer's targets; a public certificate: kubectl describe certificate -n stalwart-sovereign stalwart-tls; our own authority's: pulumi up.",
    run: (examination) =>
        speak(examination, inbound(examination), async (dialogue, greeting) => {
            const { mail } = examination.subject;
            const features = await dialogue.say(`EHLO ${OWN_NAME}`);
            const problems: string[] = [];
            if (!greeting.startsWith(`220 ${mail.host} `)) problems.push(`it greets: ${greeting}`);
            if (!/[- ]STARTTLS( \||$)/.test(features)) {
                problems.push("it does not offer STARTTLS");
                return { evidence: greeting, problems };
            }
            const tls = await dialogue.startTls(mail.mxHost, examination.network.authorities);
            problems.push(...certificateProblems(examination, tls, [mail.mxHost, mail.host]));
            return {
                evidence: `${greeting}; ${tls.protocol}, certificate until ${tls.certificate.validTo}`,
                problems,
            };
        }),
};

/** STARTTLS as a client of the platform does it: whoever shows a wrong certificate may be anybody, and gets no password. */
async function secure(
    dialogue: SmtpDialogue,
    examination: Examination,
): Promise<{ readonly distrust: readonly string[]; readonly problems: readonly string[] }> {
    const names = [examination.subject.mail.host];
    const tls = await dialogue.startTls(names[0] ?? "", examination.network.authorities);
    return {
        distrust: distrustOf(tls, names),
        problems: certificateProblems(examination, tls, names),
    };
}

/** Argument of AUTH PLAIN (RFC 4616). */
function plain(user: string, password: string): string {
    return Buffer.from(`\0${user}\0${password}`).toString("base64");
}

async function credentials({ cluster }: Examination): Promise<{ user: string; password: string }> {
    const secret = await cluster.credentials().catch((cause: unknown) => {
        throw new NotSeen("the cluster cannot be asked for the platform's Secret", cause);
    });
    return { user: secret?.["smtp-user"] ?? "", password: secret?.["smtp-pass"] ?? "" };
}

export const submissionServer: Check = {
    number: 17,
    id: "submission-server",
    title: "port 587 takes the platform's credentials after STARTTLS, and no others",
    severity: "required",
    vantage: "pod",
    remedy: "Compare the Secret catalyst-system/sovereign-smtp-credentials with the stack (pulumi up writes it); restart the pods of the platform after a rotation.",
    async run(examination) {
        const endpoint = submission(examination);
        const { user, password } = await credentials(examination);
        return speak(examination, endpoint, async (dialogue) => {
            const problems: string[] = [];
            const open = await dialogue.say(`EHLO ${OWN_NAME}`);
            if (/[- ]AUTH /.test(open)) problems.push("it offers AUTH without TLS");
            const certificate = await secure(dialogue, examination);
            problems.push(...certificate.problems);
            if (certificate.distrust.length > 0) return { evidence: "", problems };
            const features = await dialogue.say(`EHLO ${OWN_NAME}`);
            if (!/[- ]AUTH (?=.*PLAIN)(?=.*LOGIN)/.test(features))
                problems.push("it does not offer AUTH PLAIN and LOGIN");
            const wrong = await dialogue.say(`AUTH PLAIN ${plain(user, randomUUID())}`);
            if (!wrong.startsWith("535")) problems.push(`a wrong password gets: ${wrong}`);
            const right = await dialogue.say(`AUTH PLAIN ${plain(user, password)}`);
            if (!right.startsWith("235")) problems.push(`the Secret's password gets: ${right}`);
            return { evidence: right, problems };
        });
    },
};

export const foreignSender: Check = {
    number: 18,
    id: "foreign-sender",
    title: "the platform's account sends in nobody else's name",
    severity: "required",
    vantage: "pod",
    remedy: "The plan was changed on the server: restart the pod stalwart-0, which applies the stack's plan (mustMatchSender).",
    async run(examination) {
        const endpoint = submission(examination);
        const { user, password } = await credentials(examination);
        return speak(examination, endpoint, async (dialogue) => {
            await dialogue.say(`EHLO ${OWN_NAME}`);
            const [distrust] = (await secure(dialogue, examination)).distrust;
            if (distrust !== undefined) throw new NotSeen(distrust);
            await dialogue.say(`EHLO ${OWN_NAME}`);
            const login = await dialogue.say(`AUTH PLAIN ${plain(user, password)}`);
            if (!login.startsWith("235"))
                throw new NotSeen(`the credentials are not taken: ${login}`);
            const { fqdn } = examination.subject.sovereign;
            const reply = await dialogue.say(`MAIL FROM:<someone-else@${fqdn}>`);
            return {
                evidence: reply,
                problems: reply.startsWith("5") ? [] : [`someone-else@${fqdn} may send: ${reply}`],
            };
        });
    },
};

export const openRelay: Check = {
    number: 19,
    id: "open-relay",
    title: "port 25 relays for nobody",
    severity: "required",
    vantage: "outside",
    remedy: "Close port 25 at the load balancer at once, restart the pod stalwart-0, and look at its plan (MtaStageRcpt.allowRelaying).",
    run: (examination) =>
        speak(examination, inbound(examination), async (dialogue) => {
            await dialogue.say(`EHLO ${OWN_NAME}`);
            await dialogue.say("MAIL FROM:<doctor@doctor.invalid>");
            const reply = await dialogue.say("RCPT TO:<doctor@relay.invalid>");
            return {
                evidence: reply,
                problems: reply.startsWith("5") ? [] : [`a stranger's mail is relayed: ${reply}`],
            };
        }),
};

/** Mailboxes that every Sovereign has: bounces, and those of RFC 5321 4.5.1, RFC 2142 and its own records. */
const MAILBOXES = ["noreply", "postmaster", "abuse", "dmarc", "tls-rpt"] as const;

export const mailboxes: Check = {
    number: 20,
    id: "mailboxes",
    title: "bounces and the addresses of the records are taken, unknown ones refused",
    severity: "required",
    vantage: "outside",
    remedy: "Restart the pod stalwart-0, which applies the stack's plan with its accounts and aliases.",
    run: (examination) =>
        speak(examination, inbound(examination), async (dialogue) => {
            const { fqdn } = examination.subject.sovereign;
            await dialogue.say(`EHLO ${OWN_NAME}`);
            await dialogue.say("MAIL FROM:<>");
            const problems: string[] = [];
            for (const mailbox of MAILBOXES) {
                const reply = await dialogue.say(`RCPT TO:<${mailbox}@${fqdn}>`);
                if (!reply.startsWith("250")) problems.push(`${mailbox}@${fqdn}: ${reply}`);
            }
            const unknown = await dialogue.say(`RCPT TO:<no-such-mailbox@${fqdn}>`);
            if (!unknown.startsWith("550")) problems.push(`an unknown mailbox gets: ${unknown}`);
            return { evidence: `${MAILBOXES.join(", ")}; unknown: ${unknown}`, problems };
        }),
};
