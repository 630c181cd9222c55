import type { CertificatesConfig } from "../../config/model.ts";
import type { RecordSetSpec } from "../dns/recordSet.ts";

export interface CaaSpec {
    readonly fqdn: string;
    /** Seconds. */
    readonly ttl: number;
    /** Authorities that may issue, by domain; none: no record, and everybody may. */
    readonly issuers: readonly string[];
    /** How certificates are asked for; without an issuer of ours nothing is said of it. */
    readonly certificates?: Pick<CertificatesConfig, "issuer" | "challenge" | "accountUri">;
}

/**
 * Which authorities may issue for the zone (RFC 8659) and, where the program asks for certificates itself, that they may only by the
 * method that it uses, and only for its account where that is known (RFC 8657). Pure.
 */
export function caaRecords({ fqdn, ttl, issuers, certificates }: CaaSpec): RecordSetSpec[] {
    if (issuers.length === 0) return [];
    const parameters = caaParameters(certificates);
    const records = issuers.map((issuer) => `0 issue "${[issuer, ...parameters].join("; ")}"`);
    return [{ name: fqdn, type: "CAA", ttl, records }];
}

function caaParameters(certificates: CaaSpec["certificates"]): string[] {
    if (certificates === undefined || certificates.issuer === "none") return [];
    const { accountUri, challenge } = certificates;
    return [
        `validationmethods=${challenge}`,
        ...(accountUri === undefined ? [] : [`accounturi=${accountUri}`]),
    ];
}
