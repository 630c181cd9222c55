import type { CertificatesConfig } from "../../config/model.ts";
import { caaRecords } from "../certificates/caa.ts";
import { addressSets } from "../dns/recordSet.ts";
import type { RecordSetSpec } from "../dns/recordSet.ts";
import { nullDmarc, nullRecords } from "../mail/nullRecords.ts";
import type { PlatformRecordsSpec } from "./platformRecords.ts";

export interface FurtherZoneRecordsSpec extends Omit<PlatformRecordsSpec, "fqdn"> {
    readonly zone: string;
    /** Authorities that may issue, as for the Sovereign's own zone. */
    readonly caaIssuers: readonly string[];
    readonly certificates: CertificatesConfig;
}

/** Everything in a further zone but proofs of its names: apex and wildcard at the load balancer, and that nothing of it ever mails. Pure. */
export function furtherZoneRecords(spec: FurtherZoneRecordsSpec): RecordSetSpec[] {
    const { zone, ttl, certificates } = spec;
    const ipv6 = spec.loadBalancerIpv6 === undefined ? [] : [spec.loadBalancerIpv6];
    return [
        ...[zone, `*.${zone}`].flatMap((name) => [
            ...addressSets(name, ttl, [spec.loadBalancerIpv4], ipv6),
            ...nullRecords(name, ttl),
        ]),
        nullDmarc(zone, ttl),
        ...caaRecords({ fqdn: zone, ttl, issuers: spec.caaIssuers, certificates }),
    ];
}
