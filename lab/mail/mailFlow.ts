import type { Spool, SpooledEnvelope } from "./spool.ts";
import { bounce, type FailedRecipient } from "./deliveryStatus.ts";
import { deliveryOf, type DeliveryNetwork } from "./nextHops.ts";
import { OutboundQueue } from "./outboundQueue.ts";
import type { OutgoingMessage } from "./smtpDelivery.ts";
import type { MailMetrics } from "./stalwartMetrics.ts";
import type { StalwartPod } from "./stalwartPod.ts";
import { completeSubmission } from "./stalwartSubmission.ts";

export interface MailFlowOptions {
    readonly pod: StalwartPod;
    readonly spool: Spool;
    readonly network: DeliveryNetwork;
    readonly metrics: MailMetrics;
    readonly log: (message: string) => void;
    /** As in `OutboundQueueOptions`. */
    readonly retryFactor?: number;
}

/** What happens to a message once a session has taken it: completed, signed, kept, sent on. */
export class MailFlow {
    readonly #options: MailFlowOptions;
    readonly #queue: OutboundQueue;

    constructor(options: MailFlowOptions) {
        this.#options = options;
        const { pod, network, metrics, log, retryFactor } = options;
        this.#queue = new OutboundQueue({
            settings: pod.settings.outbound,
            deliver: deliveryOf(pod, network),
            reportFailure: (outgoing, failed) => this.#reportFailure(outgoing, failed),
            metrics,
            log,
            ...(retryFactor !== undefined && { retryFactor }),
        });
    }

    /** Takes a message; when this resolves it survives a crash of the session. Returns its id. */
    async accept(
        envelope: Omit<SpooledEnvelope, "id" | "receivedAt">,
        received: Buffer,
    ): Promise<string> {
        const { pod, spool, metrics } = this.#options;
        const { domain, hostname } = pod.settings;
        const submitted = envelope.user !== undefined;
        const message = submitted
            ? await completeSubmission(received, domain, pod.signingKeys, {
                  hostname,
                  now: new Date(),
              })
            : received;
        const id = await spool.keep(envelope, message);
        metrics.count(submitted ? "queue.authenticated-message-queued" : "queue.message-queued");
        const local = `@${domain}`;
        const recipients = envelope.rcptTo.filter((to) => !to.toLowerCase().endsWith(local));
        if (recipients.length > 0)
            this.#queue.add({ mailFrom: envelope.mailFrom, recipients, message });
        return id;
    }

    /** Ends delivery. */
    async stop(): Promise<void> {
        await this.#queue.stop();
    }

    /** Senders are accounts of the domain: the report goes into a mailbox here. */
    async #reportFailure(
        outgoing: OutgoingMessage,
        failed: readonly FailedRecipient[],
    ): Promise<void> {
        const { pod, spool } = this.#options;
        const { hostname } = pod.settings;
        await spool.keep(
            {
                listener: "queue",
                remoteAddress: "",
                ehlo: hostname,
                tls: false,
                mailFrom: "",
                rcptTo: [outgoing.mailFrom],
            },
            await bounce({
                hostname,
                sender: outgoing.mailFrom,
                failed,
                message: outgoing.message,
                now: new Date(),
            }),
        );
    }
}
