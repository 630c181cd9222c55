import { rootCertificates } from "node:tls";
import { ImapFlow } from "imapflow";
import type { DoctorDns } from "./dns.ts";
import { fieldValues } from "./headerFields.ts";
import { judge } from "./verdict.ts";
import type { Witness, WitnessedMessage } from "./witness.ts";

/** A mailbox of one's own at a receiver, looked into by IMAP over TLS. */
export interface SeedMailboxOptions {
    /** Its address, which is the login too. */
    readonly address: string;
    readonly password: string;
    readonly host: string;
    /** @default 993 */
    readonly port?: number;
    /** Name that its certificate is for. @default `host` */
    readonly servername?: string;
    /** Certificate of an authority that is trusted besides the public ones, PEM. */
    readonly authority?: string;
    /** Milliseconds for each step. */
    readonly timeout: number;
}

/** A message as it lies in the mailbox. */
export interface SeededMessage {
    /** Path of its folder. */
    readonly folder: string;
    /** Whether that folder is where the receiver puts what it holds for junk. */
    readonly junk: boolean;
    /** With what the receiver wrote on top of it. */
    readonly source: Buffer;
}

export interface SeedMailbox {
    readonly address: string;
    /** The message with this subject; undefined while there is none. Throws where the mailbox cannot be looked into. */
    find(subject: string): Promise<SeededMessage | undefined>;
}

const SILENT = false;

/** Looks into the mailbox anew at each call. */
export function seedMailbox(options: SeedMailboxOptions): SeedMailbox {
    const { address, password, host, port = 993, servername, authority, timeout } = options;
    return {
        address,
        find: async (subject) => {
            const client = new ImapFlow({
                host,
                port,
                secure: true,
                auth: { user: address, pass: password },
                logger: SILENT,
                connectionTimeout: timeout,
                greetingTimeout: timeout,
                socketTimeout: 2 * timeout,
                ...(servername !== undefined && { servername }),
                ...(authority !== undefined && { tls: { ca: [...rootCertificates, authority] } }),
            });
            client.on("error", () => undefined);
            await client.connect();
            try {
                return await look(client, subject);
            } finally {
                await client.logout();
            }
        },
    };
}

async function look(client: ImapFlow, subject: string): Promise<SeededMessage | undefined> {
    const folders = await client.list();
    const inbox = { path: "INBOX", junk: false };
    const junk = folders
        .filter(({ specialUse }) => specialUse === "\\Junk")
        .map(({ path }) => ({ path, junk: true }));
    for (const folder of [inbox, ...junk]) {
        const lock = await client.getMailboxLock(folder.path, { readOnly: true });
        try {
            const found = await client.search({ subject }, { uid: true });
            const uid = Array.isArray(found) ? found.at(-1) : undefined;
            if (uid === undefined) continue;
            const message = await client.fetchOne(String(uid), { source: true }, { uid: true });
            if (message && message.source)
                return { folder: folder.path, junk: folder.junk, source: message.source };
        } finally {
            lock.release();
        }
    }
    return undefined;
}

/** Who handed the message to the receiver, as its topmost `Received` field with an address says (RFC 5321, section 4.4). */
function origin(source: Buffer): { readonly ip: string; readonly ehlo: string } {
    for (const value of fieldValues(source, "Received")) {
        const [, ehlo, ip] = /^from (\S+) .*?\[(?:IPv6:)?([0-9a-fA-F.:]+)\]/.exec(value) ?? [];
        if (ehlo !== undefined && ip !== undefined) return { ip, ehlo };
    }
    throw new Error("the receiver does not say which address the message came from");
}

/** What the receiver put on top of what it was sent. */
function asSent(source: Buffer): Buffer {
    const text = source.toString("latin1");
    const begin = /^DKIM-Signature:/im.exec(text)?.index ?? 0;
    return Buffer.from(text.slice(begin), "latin1");
}

/** Lets a mailbox of one's own be the witness: the doctor judges the message itself, by the address that its receiver names. */
export function witnessIn(mailbox: SeedMailbox, dns: DoctorDns): Witness {
    return {
        address: mailbox.address,
        find: async (subject): Promise<WitnessedMessage | undefined> => {
            const found = await mailbox.find(subject);
            if (found === undefined) return undefined;
            const { ip, ehlo } = origin(found.source);
            const [returnPath = ""] = fieldValues(found.source, "Return-Path");
            const mailFrom = returnPath.replaceAll(/[<>\s]/g, "");
            const message = asSent(found.source);
            const { verdict } = await judge(dns, "doctor", { message, ip, ehlo, mailFrom });
            return { remoteAddress: ip, verdict };
        },
    };
}
