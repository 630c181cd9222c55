import type { MailConfig } from "../../config/model.ts";
import type { RecordSetSpec } from "../dns/recordSet.ts";

/** Domain part of a mail address. */
export function domainOf(address: string): string {
    return address.slice(address.lastIndexOf("@") + 1);
}

/**
 * The DMARC record (RFC 9989). `psd=n` makes the Sovereign an organizational domain of its own, so that its neighbours in a
 * pool do not matter; strict alignment, since everything is sent from the very domain; `np` covers names that do not exist.
 */
export function dmarcValue(
    mail: Pick<MailConfig, "dmarcPolicy" | "dmarcTesting" | "dmarcReportAddress">,
): string {
    const { dmarcPolicy: policy, dmarcTesting, dmarcReportAddress } = mail;
    return [
        "v=DMARC1",
        `p=${policy}`,
        `sp=${policy}`,
        "np=reject",
        "adkim=s",
        "aspf=s",
        "psd=n",
        ...(dmarcTesting ? ["t=y"] : []),
        `rua=mailto:${dmarcReportAddress}`,
    ].join("; ");
}

/**
 * The record by which another domain agrees to take the Sovereign's reports (RFC 9990 4). It belongs into that domain's zone;
 * undefined where reports stay in the Sovereign's own.
 */
export function reportAuthorization(
    fqdn: string,
    ttl: number,
    reportAddress: string,
): RecordSetSpec | undefined {
    const domain = domainOf(reportAddress);
    if (domain === fqdn || domain.endsWith(`.${fqdn}`)) return undefined;
    return {
        name: `${fqdn}._report._dmarc.${domain}`,
        type: "TXT",
        ttl,
        records: ["v=DMARC1"],
    };
}
