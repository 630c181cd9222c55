import type * as pulumi from "@pulumi/pulumi";
import { addressSets } from "../dns/recordSet.ts";
import type { RecordSetSpec } from "../dns/recordSet.ts";
import { hostNames } from "../names.ts";

export interface PlatformRecordsSpec {
    readonly fqdn: string;
    /** Seconds. */
    readonly ttl: number;
    readonly loadBalancerIpv4: pulumi.Input<string>;
    /** Undefined without IPv6. */
    readonly loadBalancerIpv6?: pulumi.Input<string>;
}

/** Host names that the platform serves beside the apex: the wildcard, and those that readers of the zone expect by name. */
export function platformHosts(fqdn: string): string[] {
    const { console, api, gitea, harbor } = hostNames(fqdn);
    return [`*.${fqdn}`, console, api, gitea, harbor];
}

/** The platform's names, all at the load balancer. Pure. */
export function platformRecords(spec: PlatformRecordsSpec): RecordSetSpec[] {
    const ipv6 = spec.loadBalancerIpv6 === undefined ? [] : [spec.loadBalancerIpv6];
    return [spec.fqdn, ...platformHosts(spec.fqdn)].flatMap((name) =>
        addressSets(name, spec.ttl, [spec.loadBalancerIpv4], ipv6),
    );
}
