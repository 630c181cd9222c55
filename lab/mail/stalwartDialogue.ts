import { setTimeout as delay } from "node:timers/promises";
import { SMTPConnection } from "smtp-server/lib/smtp-connection.js";

/** What a connection must know of its server. */
export interface DialogueSettings {
    readonly hostname: string;
    /** Bytes. */
    readonly maxMessageSize: number;
    /** Whether clients may, and must, authenticate: everywhere but on port 25. */
    readonly submission: boolean;
    /** Milliseconds that a refused recipient or password costs; the real server takes 5000. */
    readonly errorDelay: number;
}

/** Refused recipients after which the server hangs up. */
const MAX_ERRORS = 5;

/**
 * Replies of the server in place of the library's, by the code and the first words of the library's reply. As
 * observed on Stalwart 0.16.19.
 */
const REPLIES: readonly (readonly [
    code: number,
    starts: string,
    reply: readonly [number, string],
])[] = [
    [220, "Ready to start TLS", [220, "2.0.0 Ready to start TLS."]],
    [221, "Bye", [221, "2.0.0 Bye."]],
    [235, "", [235, "2.7.0 Authentication succeeded."]],
    [250, "OK", [250, "2.0.0 OK"]],
    [250, "Flushed", [250, "2.0.0 OK"]],
    [530, "", [503, "5.5.1 You must authenticate first."]],
    [535, "", [535, "5.7.8 Authentication credentials invalid."]],
    [538, "", [503, "5.5.1 AUTH not allowed."]],
];

const ACCEPTED: Readonly<Record<string, string>> = {
    MAIL_FROM_OK: "2.1.0 OK",
    RCPT_TO_OK: "2.1.5 OK",
};

/**
 * The dialogue of the real server on top of smtp-server's: same state machine, the replies as observed. Extensions
 * that are not played (CHUNKING, BINARYMIME, REQUIRETLS, NO-SOLICITING) are not announced.
 */
export class StalwartConnection extends SMTPConnection {
    #errors = 0;

    get #settings(): DialogueSettings {
        const { dialogue } = this._server as unknown as { dialogue: DialogueSettings };
        return dialogue;
    }

    override _sendGreeting(): void {
        super.send(220, `${this.#settings.hostname} Stalwart ESMTP at your service`, false);
    }

    override send(code: number, data?: string | string[] | null, context?: string | false): void {
        if (typeof data === "string") {
            const accepted = typeof context === "string" ? ACCEPTED[context] : undefined;
            const reply =
                accepted === undefined
                    ? REPLIES.find(([of, starts]) => of === code && data.startsWith(starts))?.[2]
                    : ([code, accepted] as const);
            if (reply) {
                super.send(reply[0], reply[1], false);
                return;
            }
        }
        super.send(code, data, context);
    }

    override handler_EHLO(command: Buffer, callback: () => void): void {
        const words = command.toString().trim().split(/\s+/);
        const client = words[1];
        if (words.length !== 2 || client === undefined) {
            super.handler_EHLO(command, callback);
            return;
        }
        this.hostNameAppearsAs = client.toLowerCase();
        this._resetSession();
        super.send(
            250,
            [
                `${this.#settings.hostname} you had me at EHLO`,
                ...(this.secure ? [] : ["STARTTLS"]),
                "SMTPUTF8",
                `SIZE ${this.#settings.maxMessageSize}`,
                "PIPELINING",
                "ENHANCEDSTATUSCODES",
                ...(this.secure && this.#settings.submission ? ["AUTH PLAIN LOGIN"] : []),
                "8BITMIME",
            ],
            false,
        );
        callback();
    }

    override handler_AUTH(command: Buffer, callback: () => void): void {
        if (this.secure && this.#settings.submission) {
            super.handler_AUTH(command, callback);
            return;
        }
        super.send(503, "5.5.1 AUTH not allowed.", false);
        callback();
    }

    override handler_RCPT(command: Buffer, callback: () => void): void {
        const bare = /^rcpt to:\s*<[^@<>\s]+>/i.test(command.toString());
        if (!bare || !this.session.envelope.mailFrom) {
            super.handler_RCPT(command, callback);
            return;
        }
        // The library refuses an address without a domain by its syntax, the server as foreign.
        void this.refuseRecipient("5.1.2 Relay not allowed.").then(([code, text]) => {
            super.send(code, text, false);
            if (code === 451) this.close();
            callback();
        });
    }

    /** Counts a refused recipient, waits, and says what to answer: the refusal, or that there were too many. */
    async refuseRecipient(text: string): Promise<readonly [code: number, text: string]> {
        this.#errors += 1;
        await delay(this.#settings.errorDelay);
        return this.#errors >= MAX_ERRORS
            ? [451, "4.3.0 Too many errors, disconnecting."]
            : [550, text];
    }
}
