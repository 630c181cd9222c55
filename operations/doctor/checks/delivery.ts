import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { rootCertificates } from "node:tls";
import { createTransport } from "nodemailer";
import { type Check, type Finding, NotApplicable, NotSeen } from "../check.ts";
import type { Examination } from "../examination.ts";
import { fieldValues } from "../headerFields.ts";
import type { SeededMessage } from "../seedMailbox.ts";
import type { WitnessedMessage } from "../witness.ts";

/** Milliseconds between two looks. */
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
        connectionTimeout: network.timeout,
        greetingTimeout: network.timeout,
        socketTimeout: 2 * network.timeout,
        requireTLS: true,
        name: "doctor.invalid",
        auth: { user: secret?.["smtp-user"] ?? "", pass: secret?.["smtp-pass"] ?? "" },
        tls: {
            servername: subject.mail.host,
            ca: [...rootCertificates, network.authorities],
        },
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

/** Asks again and again until there is an answer or patience is at its end. */
async function awaited<T>(
    { network }: Examination,
    ask: () => Promise<T | undefined>,
): Promise<T | undefined> {
    const deadline = Date.now() + network.arrival;
    do {
        const found = await ask();
        if (found !== undefined) return found;
        await delay(INTERVAL);
    } while (Date.now() < deadline);
    return undefined;
}

/** Submits a message to a mailbox and waits for it. Resolves to what is wrong where it is not taken or does not arrive. */
async function sent<T>(
    examination: Examination,
    mailbox: { readonly address: string; find(subject: string): Promise<T | undefined> },
): Promise<T | Finding> {
    const subject = `Sovereign doctor ${randomUUID()}`;
    try {
        await submit(examination, mailbox.address, subject);
    } catch (error) {
        if (error instanceof NotSeen) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        return { evidence: "", problems: [`the message was not taken: ${reason}`] };
    }
    const found = await awaited(examination, () =>
        mailbox.find(subject).catch((cause: unknown) => {
            const reason = cause instanceof Error ? cause.message : String(cause);
            throw new NotSeen(`the mailbox ${mailbox.address} cannot be asked: ${reason}`, cause);
        }),
    );
    return found ?? { evidence: "", problems: [`nothing arrived at ${mailbox.address}`] };
}

export const endToEnd: Check = {
    number: 24,
    id: "end-to-end",
    title: "a message with the platform's credentials arrives, and its receiver finds nothing wrong",
    severity: "required",
    vantage: "pod",
    remedy: "Mend what the other checks found first; then look at the log of the pod stalwart-0 for the receiver's reply (docs/mail.md lists the codes).",
    visibility:
        "Give it a mailbox of your own elsewhere: npm run doctor -- --seed-mailbox <address> --seed-host <IMAP host>, its password in DOCTOR_SEED_PASSWORD.",
    async run(examination) {
        const { witness, subject } = examination;
        if (witness === undefined)
            throw new NotSeen(
                "no mailbox elsewhere is given in which the message can be looked at",
            );
        const found = await sent(examination, witness);
        if ("problems" in found) return found;
        const { spf, dkim, dmarc } = found.verdict;
        return {
            evidence: `from ${found.remoteAddress}: spf ${spf.result}, dkim ${dkim.map(({ result }) => result).join(" ")}, dmarc ${dmarc.result}`,
            problems: verdictProblems(found, subject.sovereign.fqdn),
        };
    },
};

/** Methods of which a receiver says in `Authentication-Results` (RFC 8601) that they passed, or did not. */
const METHODS = ["spf", "dkim", "dmarc"] as const;

/** What a large receiver holds against a message in its own words. */
export function receiverProblems({ folder, junk, source }: SeededMessage): string[] {
    const [results = ""] = fieldValues(source, "Authentication-Results");
    return [
        ...(junk ? [`the message lies in ${folder}`] : []),
        ...METHODS.filter((method) => !new RegExp(`\\b${method}=pass\\b`, "i").test(results)).map(
            (method) => `the receiver does not say ${method}=pass: ${results || "nothing at all"}`,
        ),
    ];
}

export const seedMailbox: Check = {
    number: 25,
    id: "seed-mailbox",
    title: "a receiver puts the message into the inbox, and says that it is authentic",
    severity: "advised",
    vantage: "outside",
    remedy: "Read what the receiver says in Authentication-Results, and what docs/mail.md says of its codes. Junk with everything passing is reputation: send little and steadily, and take the message out of junk by hand.",
    async run(examination) {
        const { seed } = examination;
        if (seed === undefined)
            throw new NotApplicable("optional: no mailbox of your own is given (--seed-mailbox)");
        const found = await sent(examination, seed);
        if ("problems" in found) return found;
        const [results = ""] = fieldValues(found.source, "Authentication-Results");
        return { evidence: `${found.folder}: ${results}`, problems: receiverProblems(found) };
    },
};
