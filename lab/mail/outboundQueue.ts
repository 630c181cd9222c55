import type { MailMetrics } from "./stalwartMetrics.ts";
import type { OutboundSettings, TlsStrategy } from "./stalwartOutbound.ts";
import { type FailedRecipient } from "./deliveryStatus.ts";
import type { Outcome, OutgoingMessage } from "./smtpDelivery.ts";

/** Hands a message of one domain over, by recipient. Never throws. */
export type Deliver = (
    domain: string,
    outgoing: OutgoingMessage,
    tls: TlsStrategy,
) => Promise<ReadonlyMap<string, Outcome>>;

export interface OutboundQueueOptions {
    readonly settings: OutboundSettings;
    readonly deliver: Deliver;
    /** Tells the envelope sender of recipients that are given up. */
    readonly reportFailure: (
        outgoing: OutgoingMessage,
        failed: readonly FailedRecipient[],
    ) => Promise<void>;
    readonly metrics: MailMetrics;
    readonly log: (message: string) => void;
    /**
     * Factor on the plan's retry intervals.
     * @default 1
     */
    readonly retryFactor?: number;
}

/** What of a message is still to be delivered to one domain. */
interface Entry {
    readonly domain: string;
    readonly outgoing: OutgoingMessage;
    readonly expires: number;
    readonly attempt: number;
    readonly tls: TlsStrategy;
}

function byDomain(recipients: readonly string[]): Map<string, string[]> {
    const groups = new Map<string, string[]>();
    for (const recipient of recipients) {
        const domain = recipient.slice(recipient.lastIndexOf("@") + 1).toLowerCase();
        groups.set(domain, [...(groups.get(domain) ?? []), recipient]);
    }
    return groups;
}

/**
 * Mail on its way to other servers: tried at once, again after each of the plan's intervals, given up with a report to its sender.
 * Lost when the server ends, like the disposable store of the real one.
 */
export class OutboundQueue {
    readonly #options: OutboundQueueOptions;
    readonly #timers = new Set<NodeJS.Timeout>();
    readonly #running = new Set<Promise<void>>();
    #stopped = false;

    constructor(options: OutboundQueueOptions) {
        this.#options = options;
    }

    /** Takes a message for recipients elsewhere, and begins to deliver it. */
    add(outgoing: OutgoingMessage): void {
        const { expiry, tls } = this.#options.settings;
        for (const [domain, recipients] of byDomain(outgoing.recipients))
            this.#run({
                domain,
                outgoing: { ...outgoing, recipients },
                expires: Date.now() + expiry,
                attempt: 0,
                tls: tls.usual,
            });
    }

    /** Ends all attempts; resolves when the last conversation is over. */
    async stop(): Promise<void> {
        this.#stopped = true;
        for (const timer of this.#timers) clearTimeout(timer);
        await Promise.all(this.#running);
    }

    #run(entry: Entry): void {
        const work = this.#attempt(entry)
            .catch((error: unknown) => {
                this.#options.log(`queue: ${String(error)}`);
            })
            .finally(() => this.#running.delete(work));
        this.#running.add(work);
    }

    async #attempt(entry: Entry): Promise<void> {
        const { deliver, metrics, log } = this.#options;
        const { domain, outgoing } = entry;
        const outcomes = await deliver(domain, outgoing, entry.tls);
        const failed: FailedRecipient[] = [];
        const deferred: string[] = [];
        let tls = false;
        for (const [address, outcome] of outcomes) {
            if (outcome.kind === "delivered") {
                metrics.count("delivery.delivered");
                metrics.count("delivery.dsn-success");
                log(`delivered to ${address} by ${outcome.host}`);
                continue;
            }
            const { host, reason } = outcome;
            tls ||= outcome.tls;
            log(`${outcome.kind}: ${address}: ${reason}`);
            if (outcome.kind === "refused" || Date.now() >= entry.expires)
                failed.push({ address, reason, ...(host !== undefined && { host }) });
            else deferred.push(address);
        }
        if (deferred.length > 0) this.#retry(entry, deferred, tls);
        if (failed.length > 0) await this.#giveUp(outgoing, failed);
    }

    #retry(entry: Entry, recipients: readonly string[], tlsFailed: boolean): void {
        const { settings, metrics, retryFactor = 1 } = this.#options;
        metrics.count("delivery.dsn-temp-fail");
        if (this.#stopped) return;
        const interval = settings.retries[entry.attempt] ?? settings.retries.at(-1) ?? 0;
        const timer = setTimeout(() => {
            this.#timers.delete(timer);
            this.#run({
                ...entry,
                outgoing: { ...entry.outgoing, recipients },
                attempt: entry.attempt + 1,
                tls: tlsFailed ? settings.tls.afterTlsFailure : settings.tls.usual,
            });
        }, interval * retryFactor);
        this.#timers.add(timer);
    }

    async #giveUp(outgoing: OutgoingMessage, failed: readonly FailedRecipient[]): Promise<void> {
        this.#options.metrics.count("delivery.dsn-perm-fail");
        // A bounce that bounces goes nowhere (RFC 5321, section 6.1).
        if (outgoing.mailFrom !== "") await this.#options.reportFailure(outgoing, failed);
    }
}
