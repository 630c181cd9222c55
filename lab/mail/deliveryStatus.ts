import { randomUUID } from "node:crypto";
import MimeNode from "nodemailer/lib/mime-node";
import { headerNames } from "../../operations/doctor/headerFields.ts";
import { messageDate } from "./stalwartSubmission.ts";

/** A recipient that a message could not be handed to, for good. */
export interface FailedRecipient {
    readonly address: string;
    /** Server that refused it; absent where none was reached. */
    readonly host?: string;
    /** What it said. */
    readonly reason: string;
}

export interface BounceOptions {
    /** Server that reports. */
    readonly hostname: string;
    /** Who gets the report: the envelope sender. */
    readonly sender: string;
    readonly failed: readonly FailedRecipient[];
    /** The message that could not be delivered. */
    readonly message: Buffer;
    readonly now: Date;
}

/** The enhanced status code in a reply, else the general one for a permanent failure (RFC 3463). */
export function statusCode(reason: string): string {
    return /\b(5\.\d{1,3}\.\d{1,3})\b/.exec(reason)?.[1] ?? "5.0.0";
}

function deliveryFields({ hostname, failed, now }: BounceOptions): string {
    const perRecipient = failed.map(({ address, host, reason }) =>
        [
            `Final-Recipient: rfc822;${address}`,
            "Action: failed",
            `Status: ${statusCode(reason)}`,
            ...(host === undefined ? [] : [`Remote-MTA: dns;${host}`]),
            `Diagnostic-Code: smtp;${reason.replaceAll(/\s+/g, " ")}`,
        ].join("\r\n"),
    );
    const perMessage = [`Reporting-MTA: dns;${hostname}`, `Arrival-Date: ${messageDate(now)}`];
    return [perMessage.join("\r\n"), ...perRecipient, ""].join("\r\n\r\n");
}

function headerSection(message: Buffer): string {
    if (headerNames(message).length === 0) return "";
    return `${message.toString("latin1").split(/\r?\n\r?\n/, 1)[0] ?? ""}\r\n`;
}

/** A delivery status notification of a permanent failure (RFC 3464), for the sender of the message. */
export async function bounce(options: BounceOptions): Promise<Buffer> {
    const { hostname, sender, failed, now } = options;
    const report = new MimeNode("multipart/report; report-type=delivery-status", { hostname });
    report.setHeader({
        From: `"Mail Delivery Subsystem" <MAILER-DAEMON@${hostname}>`,
        To: sender,
        Subject: "Failed to deliver message",
        "Auto-Submitted": "auto-generated",
        Date: messageDate(now),
        "Message-ID": `<${randomUUID()}@${hostname}>`,
    });
    report
        .createChild("text/plain; charset=utf-8")
        .setContent(
            [
                "Your message could not be delivered to:",
                ...failed.map(
                    ({ address, host, reason }) =>
                        `  ${address}${host === undefined ? "" : ` (${host})`}: ${reason}`,
                ),
                "",
            ].join("\r\n"),
        );
    report.createChild("message/delivery-status").setContent(deliveryFields(options));
    report.createChild("text/rfc822-headers").setContent(headerSection(options.message));
    return await new Promise<Buffer>((resolve, reject) => {
        report.build((error, built) => {
            if (error) reject(error);
            else resolve(built);
        });
    });
}
