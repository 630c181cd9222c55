import { z } from "zod";
import { day } from "./validity.ts";

/** Milliseconds in which a first certificate is issued, proofs by slow DNS included: an hour. */
const FIRST_ISSUANCE = 60 * 60 * 1000;

const instant = z
    .string()
    .transform((text) => new Date(text))
    .optional();

/**
 * A cert-manager Certificate as the cluster has it.
 *
 * @see https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateStatus
 */
export const certificateSchema = z.looseObject({
    metadata: z.looseObject({
        namespace: z.string(),
        name: z.string(),
        creationTimestamp: z.string().transform((text) => new Date(text)),
    }),
    status: z
        .looseObject({
            conditions: z
                .array(
                    z.looseObject({
                        type: z.string(),
                        status: z.string(),
                        message: z.string().default(""),
                    }),
                )
                .default([]),
            /** Attempts since the last that succeeded. */
            failedIssuanceAttempts: z.int().default(0),
            notAfter: instant,
            renewalTime: instant,
        })
        .prefault({}),
});

/** A cert-manager Certificate, as far as the doctor reads it. */
export type CertificateSight = z.infer<typeof certificateSchema>;

function condition({ status }: CertificateSight, type: string) {
    return status.conditions.find((one) => one.type === type);
}

/** Whether half of the time that there is for a renewal is over. */
function isOverdue(renewalTime: Date, notAfter: Date, now: Date): boolean {
    return now.getTime() > (renewalTime.getTime() + notAfter.getTime()) / 2;
}

/** What is wrong with a certificate; nothing while the first one is still being issued. */
function problemOf(certificate: CertificateSight, now: Date): string | undefined {
    const { metadata, status } = certificate;
    const name = `${metadata.namespace}/${metadata.name}`;
    const ready = condition(certificate, "Ready");
    const reason = (condition(certificate, "Issuing") ?? ready)?.message ?? "nobody works on it";
    const { notAfter, renewalTime, failedIssuanceAttempts } = status;
    if (notAfter !== undefined && notAfter <= now)
        return `certificate ${name} ended on ${day(notAfter)}: ${reason}`;
    if (notAfter && renewalTime && isOverdue(renewalTime, notAfter, now))
        return `certificate ${name} ends on ${day(notAfter)} and is not renewed: ${reason}`;
    if (ready?.status === "True") return undefined;
    const late = now.getTime() - metadata.creationTimestamp.getTime() > FIRST_ISSUANCE;
    return late || failedIssuanceAttempts > 0
        ? `certificate ${name} is not issued: ${reason}`
        : undefined;
}

function counted(number: number): string {
    if (number === 0) return "no public certificates";
    return number === 1 ? "1 public certificate" : `${number} public certificates`;
}

/** What a look at all certificates of a cluster comes to. */
export interface Issuance {
    /** For people: how many, how many of them are not issued, and when the first one that is ends. */
    readonly evidence: string;
    readonly problems: readonly string[];
}

/** Judges the certificates of a cluster: each is issued, or has been asked for within the hour, and is renewed in time. */
export function judgeIssuance(certificates: readonly CertificateSight[], now: Date): Issuance {
    // Until the first one is issued, the Secret holds that of the Sovereign's own authority, and `notAfter` is of it.
    const issued = certificates.filter((one) => condition(one, "Ready")?.status === "True");
    const waiting = certificates.length - issued.length;
    const [first] = issued
        .flatMap(({ status }) => status.notAfter ?? [])
        .sort((a, b) => a.getTime() - b.getTime());
    return {
        evidence: [
            counted(certificates.length),
            ...(waiting > 0 ? [`${waiting} of them not issued`] : []),
            ...(first === undefined ? [] : [`the first ends on ${day(first)}`]),
        ].join(", "),
        problems: certificates.flatMap((certificate) => problemOf(certificate, now) ?? []),
    };
}
