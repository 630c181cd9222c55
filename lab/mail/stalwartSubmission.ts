import { randomUUID } from "node:crypto";
import type { DKIMSignOptions } from "mailauth";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import { headerNames } from "../../operations/doctor/headerFields.ts";
import type { SigningKey } from "./stalwartPod.ts";

/** Date in the form of RFC 5322, section 3.3, in universal time. */
export function messageDate(date: Date): string {
    return date.toUTCString().replace(/GMT$/, "+0000");
}

/** What the server puts in front of a message. */
export interface SubmissionStamp {
    /** Host name in a Message-ID. */
    readonly hostname: string;
    readonly now: Date;
}

/** Header fields that the server adds to a message that has none of them: Date and Message-ID, nothing else. */
export function missingHeaders(message: Buffer, { hostname, now }: SubmissionStamp): string {
    const present = headerNames(message);
    return [
        present.includes("message-id") ? "" : `Message-ID: <${randomUUID()}@${hostname}>\r\n`,
        present.includes("date") ? "" : `Date: ${messageDate(now)}\r\n`,
    ].join("");
}

/** DKIM-Signature fields for a message by every key (RFC 6376, RFC 8463). Throws where one cannot sign. */
export async function signatures(
    message: Buffer,
    domain: string,
    keys: readonly SigningKey[],
): Promise<string> {
    let fields = "";
    for (const { selector, type, privateKey, headers } of keys) {
        const key: DKIMSignOptions = {
            signingDomain: domain,
            selector,
            privateKey,
            algorithm: type === "rsa" ? "rsa-sha256" : "ed25519-sha256",
            canonicalization: "relaxed/relaxed",
            headerList: [...headers],
        };
        const signed = await dkimSign(message, { ...key, signatureData: [key] });
        const [error] = signed.errors;
        if (error !== undefined)
            throw new Error(`selector ${selector} of ${domain} cannot sign`, { cause: error.err });
        fields += signed.signatures;
    }
    return fields;
}

/** A submitted message as it leaves the server: completed, then signed by every key of the sender's domain. */
export async function completeSubmission(
    message: Buffer,
    domain: string,
    keys: readonly SigningKey[],
    stamp: SubmissionStamp,
): Promise<Buffer> {
    const completed = Buffer.concat([Buffer.from(missingHeaders(message, stamp)), message]);
    return Buffer.concat([Buffer.from(await signatures(completed, domain, keys)), completed]);
}
