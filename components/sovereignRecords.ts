import type { SovereignConfig } from "../config/model.ts";
import type { Cloud } from "./cloud/cloud.ts";
import { inBailiwick } from "./dns/nameServers.ts";
import type { RecordSetSpec } from "./dns/recordSet.ts";
import type { DkimKeys } from "./mail/dkimKeys.ts";
import { domainOf, reportAuthorization } from "./mail/dmarc.ts";
import { egressNodes } from "./mail/egress.ts";
import type { MailCertificate } from "./mail/mailCertificate.ts";
import { mailRecords } from "./mail/mailRecords.ts";
import { tlsaValue } from "./mail/tlsa.ts";
import { platformHosts, platformRecords } from "./platform/platformRecords.ts";

/** The load balancer's addresses, as records name them. */
export function balancer(config: SovereignConfig, { loadBalancer }: Cloud) {
    return {
        loadBalancerIpv4: loadBalancer.ipv4,
        ...(config.cloud.ipv6 && { loadBalancerIpv6: loadBalancer.ipv6 }),
    };
}

/** Everything in the zone but the name servers' own addresses. */
export function sovereignRecords(
    config: SovereignConfig,
    cloud: Cloud,
    dkim: DkimKeys,
    certificate: MailCertificate,
): RecordSetSpec[] {
    const { fqdn, dns } = config;
    const egress = egressNodes(config.mail, config.cluster.nodes).map((key) =>
        cloud.nodes.get(key),
    );
    const way = balancer(config, cloud);
    return [
        ...platformRecords({ fqdn, ttl: dns.ttl, ...way }),
        ...mailRecords({
            fqdn,
            ttl: dns.ttl,
            mail: config.mail,
            certificates: config.certificates,
            egressIpv4: egress.flatMap((node) => node?.ipv4 ?? []),
            egressIpv6: egress.flatMap((node) => node?.ipv6 ?? []),
            ...way,
            dkim: dkim.keys,
            tlsa: certificate.mail.publicKeyPem.apply(tlsaValue),
            silentHosts: [
                ...platformHosts(fqdn),
                ...inBailiwick(fqdn, dns.nameServers).map((server) => server.name),
            ],
        }),
    ];
}

/** The record that lets another domain take our reports: ours to write in a pool zone that we write anyway. */
export function reportRecords({ fqdn, dns, mail }: SovereignConfig): {
    readonly ours: readonly RecordSetSpec[];
    readonly elsewhere: readonly RecordSetSpec[];
} {
    const set = reportAuthorization(fqdn, dns.ttl, mail.dmarcReportAddress);
    if (!set) return { ours: [], elsewhere: [] };
    const writable =
        dns.delegation === "powerdns" && domainOf(mail.dmarcReportAddress) === dns.poolDomain;
    return writable ? { ours: [set], elsewhere: [] } : { ours: [], elsewhere: [set] };
}
