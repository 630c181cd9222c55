import type { RecordSetSpec } from "../dns/recordSet.ts";
import { spf } from "./spf.ts";

/** Says that a name neither receives (RFC 7505) nor sends: an address alone would make it a mail host. */
export function nullRecords(name: string, ttl: number): RecordSetSpec[] {
    return [
        { name, type: "MX", ttl, records: ["0 ."] },
        { name, type: "TXT", ttl, records: [spf()] },
    ];
}

/** The DMARC record of a domain that never sends: everything that claims to come from it is refused (RFC 9989). */
export function nullDmarc(domain: string, ttl: number): RecordSetSpec {
    return {
        name: `_dmarc.${domain}`,
        type: "TXT",
        ttl,
        records: ["v=DMARC1; p=reject; sp=reject; np=reject; adkim=s; aspf=s"],
    };
}
