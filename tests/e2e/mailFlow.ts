import { setTimeout as delay } from "node:timers/promises";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { createTransport } from "nodemailer";
import { NAMESPACES } from "../../components/names.ts";
import { labPort } from "../../lab/addresses.ts";
import type { ReceivedMessage } from "../../lab/mail/mailbox/receivedMail.ts";
import { MAILBOX_DOMAIN } from "../../lab/powerdns/world.ts";
import type { TestLab } from "../support/toolchain.ts";
import { received, submissionOf, type Submission } from "./mailbox.ts";

/** Milliseconds between two messages, and for one to be taken. */
const INTERVAL = 250;
const PATIENCE = 10_000;

/** What became of one message at submission. */
export interface Attempt {
    /** Milliseconds since the epoch. */
    readonly at: number;
    readonly subject: string;
    readonly accepted: boolean;
    /** The server's reply, or why there was none. */
    readonly reply: string;
}

/** A time in which nothing was accepted. */
export interface Gap {
    /** Milliseconds from the first message that was not accepted to the next one that was. */
    readonly length: number;
    readonly replies: readonly string[];
}

export interface MailFlowOptions {
    readonly kubeconfig: string;
    /** Certificate of the server's authority, PEM. */
    readonly authority: string;
    /** Where it goes at the lab's mailbox provider: to `<name>-1`, `<name>-2` and so on, since the server takes few for one mailbox. */
    readonly name: string;
}

/** A flow of messages, while something is changed. */
export interface MailFlow {
    /** How many have been accepted so far. */
    accepted(): number;
    stop(): Promise<readonly Attempt[]>;
}

/** Credentials as the platform's pod has them: those of the Secret when that pod came up. */
function platformCredentials(kubeconfig: string): () => Promise<Submission | undefined> {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    const core = config.makeApiClient(CoreV1Api);
    let pod: string | undefined;
    let credentials: Submission | undefined;
    return async () => {
        const { items } = await core.listNamespacedPod({ namespace: NAMESPACES.platform });
        const running = items.find(
            ({ metadata, status }) =>
                metadata?.name?.startsWith("catalyst-api-") &&
                metadata.deletionTimestamp === undefined &&
                status?.conditions?.some((c) => c.type === "Ready" && c.status === "True"),
        );
        const uid = running?.metadata?.uid;
        if (uid !== undefined && uid !== pod) {
            pod = uid;
            credentials = await submissionOf(kubeconfig);
        }
        return credentials && { ...credentials, address: await addressOf(kubeconfig, credentials) };
    };
}

/** Where the server is reached now; where it was, while it has no pod. */
async function addressOf(kubeconfig: string, { address }: Submission): Promise<string> {
    return submissionOf(kubeconfig).then(
        (now) => now.address,
        () => address,
    );
}

async function submit(
    { address, smtpHost, user, password }: Submission,
    { authority }: MailFlowOptions,
    port: number,
    to: string,
): Promise<Omit<Attempt, "at">> {
    // The recipient is the subject too, so that it is known again.
    const subject = to;
    const client = createTransport({
        host: address,
        port,
        name: "catalyst-api",
        requireTLS: true,
        connectionTimeout: PATIENCE,
        greetingTimeout: PATIENCE,
        socketTimeout: PATIENCE,
        auth: { user, pass: password },
        tls: { servername: smtpHost, ca: authority },
    });
    const raw = [`From: ${user}`, `To: ${to}`, `Subject: ${subject}`, "", "123456", ""];
    try {
        const { response } = await client.sendMail({
            envelope: { from: user, to: [to] },
            raw: raw.join("\r\n"),
        });
        return { subject, accepted: true, reply: response };
    } catch (error) {
        const { response, code } = error as { response?: string; code?: string };
        return { subject, accepted: false, reply: response ?? code ?? String(error) };
    } finally {
        client.close();
    }
}

/** Submits one message after the other, as the platform does, until it is stopped. */
export function startMailFlow({ context }: TestLab, options: MailFlowOptions): MailFlow {
    const attempts: Attempt[] = [];
    const stopped = new AbortController();
    const credentials = platformCredentials(options.kubeconfig);
    const port = labPort(587, context.addresses.portOffset);
    const recipient = () => `${options.name}-${attempts.length + 1}@${MAILBOX_DOMAIN}`;
    const run = async () => {
        while (!stopped.signal.aborted) {
            const at = Date.now();
            const login = await credentials().catch(() => undefined);
            if (login !== undefined)
                attempts.push({ at, ...(await submit(login, options, port, recipient())) });
            await delay(INTERVAL);
        }
    };
    const running = run();
    return {
        accepted: () => attempts.filter(({ accepted }) => accepted).length,
        stop: async () => {
            stopped.abort();
            await running;
            return attempts;
        },
    };
}

/** The times in which nothing was accepted, in their order; one that lasts to the end counts to the last message. */
export function gaps(attempts: readonly Attempt[]): Gap[] {
    const found: Gap[] = [];
    let open: Attempt[] = [];
    for (const [i, attempt] of attempts.entries()) {
        if (!attempt.accepted) open.push(attempt);
        const [first] = open;
        if (first === undefined || (!attempt.accepted && i < attempts.length - 1)) continue;
        const replies = [...new Set(open.map(({ reply }) => reply))];
        found.push({ length: attempt.at - first.at, replies });
        open = [];
    }
    return found;
}

/** What the mailbox provider received of a flow, by subject. */
export async function arrivals(
    lab: TestLab,
    name: string,
): Promise<ReadonlyMap<string, ReceivedMessage>> {
    const messages = await received(lab);
    return new Map(
        messages.flatMap((message) =>
            message.rcptTo
                .filter((to) => to.startsWith(`${name}-`))
                .map((to) => [to, message] as const),
        ),
    );
}
