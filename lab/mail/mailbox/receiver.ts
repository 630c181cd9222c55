import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import ipaddr from "ipaddr.js";
import { SMTPServer, type SMTPServerAddress, type SMTPServerSession } from "smtp-server";
import { judge, type Verdict } from "../../../operations/doctor/verdict.ts";
import type { LabDns } from "../labDns.ts";
import type { HostCertificate } from "./certificate.ts";
import type { ReceivedMail } from "./receivedMail.ts";

export interface ReceiverOptions {
    readonly host: string;
    readonly port: number;
    /** Name of the server, and the domain that it takes mail for. */
    readonly name: string;
    readonly domain: string;
    readonly certificate: HostCertificate;
    readonly dns: LabDns;
    readonly mail: ReceivedMail;
    readonly log: (message: string) => void;
}

/** Largest message that is taken, in bytes; Gmail's limit for mail from others is 25 MB plus encoding. */
const MAX_SIZE = 35 * 1024 * 1024;

/** Mailbox that does not exist, one that takes a sender's mail at the second attempt only, and one whose owner calls all of it junk. */
const REFUSED = "refused";
const DEFERRED = "deferred";
const SUSPICIOUS = "suspicious";

/** Where a message is put: what its domain does not vouch for is junk (RFC 9989 leaves that to the receiver). */
function folderFor({ dmarc }: Verdict, rcptTo: readonly string[]): "INBOX" | "Junk" {
    const suspicious = rcptTo.some((to) => to.startsWith(`${SUSPICIOUS}@`));
    return dmarc.result === "pass" && !suspicious ? "INBOX" : "Junk";
}

class Refusal extends Error {
    readonly responseCode: number;

    constructor(responseCode: number, text: string) {
        super(text);
        this.responseCode = responseCode;
    }
}

function recipientRefusal(
    { address }: SMTPServerAddress,
    domain: string,
    isFirst: () => boolean,
): Refusal | undefined {
    const [mailbox, at] = address.toLowerCase().split("@");
    if (at !== domain) return new Refusal(550, "5.7.1 Relaying denied");
    if (mailbox === REFUSED) return new Refusal(550, "5.1.1 The account does not exist");
    if (mailbox === DEFERRED && isFirst())
        return new Refusal(451, "4.7.1 Greylisted, try again later");
    return undefined;
}

function tlsProtocol({ secure, tlsOptions }: SMTPServerSession): string | null {
    const { version } = tlsOptions as { version?: string };
    return secure ? (version ?? "TLS") : null;
}

/** Takes mail for a domain as a large receiver does, but puts its verdict beside the message instead of acting on it. */
export async function startReceiver(options: ReceiverOptions): Promise<() => Promise<void>> {
    const { domain, mail, dns, name, certificate } = options;
    const deferred = new Set<string>();
    const server = new SMTPServer({
        name,
        banner: "at your service",
        cert: certificate.certificate,
        key: certificate.privateKey,
        disabledCommands: ["AUTH"],
        disableReverseLookup: true,
        size: MAX_SIZE,
        logger: false,
        onRcptTo: (recipient, session, done) => {
            const { mailFrom } = session.envelope;
            const pair = `${mailFrom ? mailFrom.address : ""} ${recipient.address}`;
            const isFirst = () => !deferred.has(pair) && deferred.add(pair).has(pair);
            done(recipientRefusal(recipient, domain, isFirst) ?? null);
        },
        onData: (stream, session, done) => {
            keep(stream, session).then(
                (id) => {
                    done(null, `2.0.0 OK ${id}`);
                },
                (error: unknown) => {
                    options.log(`message not kept: ${String(error)}`);
                    done(new Refusal(451, "4.3.0 Try again later"));
                },
            );
        },
    });
    const keep = async (stream: NodeJS.ReadableStream, session: SMTPServerSession) => {
        const message = await buffer(stream);
        const { mailFrom, rcptTo } = session.envelope;
        const from = {
            ip: ipaddr.process(session.remoteAddress).toString(),
            ehlo: session.hostNameAppearsAs || "",
            mailFrom: mailFrom ? mailFrom.address : "",
        };
        const { verdict, headers } = await judge(dns, name, { message, ...from });
        const recipients = rcptTo.map(({ address }) => address.toLowerCase());
        options.log(
            `from ${from.mailFrom} at ${from.ip}: spf ${verdict.spf.result}, dkim ${verdict.dkim.map(({ result }) => result).join(" ") || "none"}, dmarc ${verdict.dmarc.result}`,
        );
        return mail.keep({
            remoteAddress: from.ip,
            ehlo: from.ehlo,
            tls: tlsProtocol(session),
            mailFrom: from.mailFrom,
            rcptTo: recipients,
            folder: folderFor(verdict, recipients),
            stamp: `Return-Path: <${from.mailFrom}>\r\nReceived: from ${from.ehlo} (${verdict.reverse.names[0] ?? "unknown"} [${from.ip}]) by ${name} with ESMTP; ${new Date().toUTCString()}\r\n${headers}`,
            verdict,
            message: message.toString("latin1"),
        });
    };
    server.on("error", (error: Error) => {
        options.log(error.message);
    });
    server.listen(options.port, options.host);
    await once(server.server, "listening");
    return () =>
        new Promise((resolve) => {
            server.close(() => {
                resolve();
            });
        });
}
