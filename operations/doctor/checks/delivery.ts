import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { createTransport } from "nodemailer";
import { type Check, NotApplicable, NotSeen } from "../check.ts";
import type { Examination } from "../examination.ts";
import type { WitnessedMessage } from "../witness.ts";

/** Milliseconds until a message counts as not arrived, and between two looks. */
const ARRIVAL = 60_000;
const INTERVAL = 500;

async function submit(examination: Examination, to: string, token: string): Promise<void> {
    const { network, subject, cluster } = examination;
    if (network.submission === undefined)
        throw new NotSeen("port 587 is open in the cluster only, and no way into it is given");
    const secret = await cluster.credentials().catch((cause: unknown) => {
        throw new NotSeen("the cluster cannot be asked for the platform's Secret", cause);
    });
    const transport = createTransport({
        ...network.submission,
        requireTLS: true,
        name: "doctor.invalid",
        auth: { user: secret?.["smtp-user"] ?? "", pass: secret?.["smtp-pass"] ?? "" },
        tls: { servername: subject.mail.host, ca: subject.mail.authorityCertificate },
    });
    const { from } = subject.smtp;
    // Without Date and Message-ID, like the platform's own mail.
    const raw = [
        `From: ${from}`,
        `To: ${to}`,
        `Subject: ${token}`,
        "",
        "A check of the doctor.",
        "",
    ];
    try {
        await transport.sendMail({ envelope: { from, to: [to] }, raw: raw.join("\r\n") });
    } finally {
        transport.close();
    }
}

/** What is wrong with a message as its receiver judged it. */
export function verdictProblems({ verdict }: WitnessedMessage, fqdn: string): string[] {
    const { spf, dkim, dmarc, reverse, fields } = verdict;
    const signed = dkim.some(
        ({ result, domain, algorithm, aligned }) =>
            result === "pass" && aligned && domain === fqdn && algorithm === "rsa-sha256",
    );
    return [
        ...(spf.result === "pass" && spf.aligned ? [] : [`spf is ${spf.result}`]),
        ...(signed ? [] : ["no RSA signature of the domain passes"]),
        ...(dmarc.result === "pass" ? [] : [`dmarc is ${dmarc.result}`]),
        ...(reverse.confirmed ? [] : ["the sender's address has no confirmed name"]),
        ...Object.entries(fields)
            .filter(([, count]) => count !== 1)
            .map(([field, count]) => `the field ${field} stands there ${count} times`),
    ];
}

async function arrival(
    examination: Examination,
    token: string,
): Promise<WitnessedMessage | undefined> {
    const { witness } = examination;
    const deadline = Date.now() + ARRIVAL;
    while (witness && Date.now() < deadline) {
        const messages = await witness.messages().catch((cause: unknown) => {
            throw new NotSeen("the witness cannot be asked", cause);
        });
        const found = messages.find(({ message }) => message.includes(`Subject: ${token}\r\n`));
        if (found) return found;
        await delay(INTERVAL);
    }
    return undefined;
}

export const endToEnd: Check = {
    number: 24,
    id: "end-to-end",
    title: "a message with the platform's credentials arrives, and its receiver finds nothing wrong",
    severity: "required",
    vantage: "pod",
    remedy: "Mend what the other checks found first; then look at the log of the pod stalwart-0 for the receiver's reply (docs/mail.md lists the codes).",
    async run(examination) {
        const { witness, subject } = examination;
        if (witness === undefined)
            throw new NotSeen("no mailbox elsewhere is given that tells how it judged the message");
        const token = `Sovereign doctor ${randomUUID()}`;
        try {
            await submit(examination, witness.address, token);
        } catch (error) {
            if (error instanceof NotSeen) throw error;
            const reason = error instanceof Error ? error.message : String(error);
            return { evidence: "", problems: [`the message was not taken: ${reason}`] };
        }
        const message = await arrival(examination, token);
        if (message === undefined)
            return { evidence: "", problems: [`nothing arrived at ${witness.address}`] };
        const { spf, dkim, dmarc } = message.verdict;
        return {
            evidence: `from ${message.remoteAddress}: spf ${spf.result}, dkim ${dkim.map(({ result }) => result).join(" ")}, dmarc ${dmarc.result}`,
            problems: verdictProblems(message, subject.sovereign.fqdn),
        };
    },
};

export const seedMailbox: Check = {
    number: 25,
    id: "seed-mailbox",
    title: "a large receiver puts the message into the inbox",
    severity: "advised",
    vantage: "outside",
    remedy: "Send to a mailbox of your own at Gmail or Outlook and read Authentication-Results in it (docs/mail.md).",
    run: () => {
        throw new NotApplicable("optional: nobody but the owner can look into such a mailbox");
    },
};
