/** Events that the server counts, by the names of its documentation (https://stalw.art/docs/ref/metrics). */
const EVENTS = [
    "auth.failed",
    "auth.success",
    "delivery.delivered",
    "delivery.dsn-perm-fail",
    "delivery.dsn-success",
    "delivery.dsn-temp-fail",
    "queue.authenticated-message-queued",
    "queue.message-queued",
] as const;

export type MailEvent = (typeof EVENTS)[number];

/** Counts of the server since its start. How much is queued is not among them, as on the real server. */
export class MailMetrics {
    readonly #counts = new Map<MailEvent, number>();

    count(event: MailEvent): void {
        this.#counts.set(event, (this.#counts.get(event) ?? 0) + 1);
    }

    /** All counters in the text format of Prometheus; those that never counted are left out. */
    text(): string {
        return EVENTS.filter((event) => this.#counts.has(event))
            .map((event) => {
                const name = event.replaceAll(/[.-]/g, "_");
                return `# TYPE ${name} counter\n${name} ${this.#counts.get(event) ?? 0}\n`;
            })
            .join("");
    }
}
