import { join } from "node:path";
import { labPort } from "../../addresses.ts";
import { assertFree } from "../../freeAddress.ts";
import type { LabContext, LabPart, PartStatus } from "../../parts.ts";
import { MAILBOX_DOMAIN, MAILBOX_HOST } from "../../powerdns/world.ts";
import { LabDns } from "../labDns.ts";
import { mailboxApi } from "./api.ts";
import { hostCertificate } from "./certificate.ts";
import { startImap } from "./imap.ts";
import { ReceivedMail } from "./receivedMail.ts";
import { startReceiver } from "./receiver.ts";

/** IMAP over TLS (RFC 8314, section 3.2). */
const IMAP_PORT = 993;

/** Plays a large mailbox provider: takes mail for a domain of its own and shows what it thinks of its sender. */
export class MailboxProvider implements LabPart {
    readonly name = "mailbox";
    readonly #context: LabContext;
    readonly #mail: ReceivedMail;
    #authority: string | undefined;
    #stops: (() => Promise<void>)[] = [];
    #state: PartStatus["state"] = "stopped";

    constructor(context: LabContext) {
        this.#context = context;
        this.#mail = new ReceivedMail(join(this.#directory, "messages"));
    }

    /** Certificate of the authority that vouches for its name, PEM: the public authority of the lab. */
    get authority(): string {
        if (this.#authority === undefined)
            throw new Error(
                "the lab's public authority is known once the mailbox part has started",
            );
        return this.#authority;
    }

    get #directory(): string {
        return join(this.#context.directory, this.name);
    }

    async start(): Promise<void> {
        if (this.#stops.length > 0) return;
        this.#state = "starting";
        try {
            await this.#listen();
            this.#state = "ready";
        } catch (error) {
            await this.stop();
            this.#state = "failed";
            throw error;
        }
    }

    async #listen(): Promise<void> {
        const { addresses } = this.#context;
        const { host, port } = addresses.mailbox;
        const smtpPort = labPort(25, addresses.portOffset);
        await assertFree(host, smtpPort, "the mailbox provider");
        const certificate = await hostCertificate(this.#directory, MAILBOX_HOST);
        this.#authority = certificate.authority;
        this.#stops.push(
            await startReceiver({
                host,
                port: smtpPort,
                name: MAILBOX_HOST,
                domain: MAILBOX_DOMAIN,
                certificate,
                dns: new LabDns(addresses),
                mail: this.#mail,
                log: (message) => {
                    this.#context.log(this.name, message);
                },
            }),
        );
        this.#stops.push(
            await startImap({
                host,
                port: labPort(IMAP_PORT, addresses.portOffset),
                certificate,
                mail: this.#mail,
            }),
        );
        const api = mailboxApi(this.#mail);
        this.#stops.push(() => api.close());
        await api.listen({ host, port });
    }

    async stop(): Promise<void> {
        const stops = this.#stops;
        this.#stops = [];
        await Promise.all(stops.map((stop) => stop()));
        this.#state = "stopped";
    }

    status(): PartStatus {
        const { mailbox, portOffset } = this.#context.addresses;
        return {
            state: this.#state,
            url: `http://${mailbox.host}:${mailbox.port}/messages`,
            processes: [],
            details: {
                domain: MAILBOX_DOMAIN,
                smtp: `${mailbox.host}:${labPort(25, portOffset)}`,
                imap: `${mailbox.host}:${labPort(IMAP_PORT, portOffset)}`,
            },
        };
    }
}
