import type * as pulumi from "@pulumi/pulumi";
import type { CertificatesConfig, MailConfig } from "../../config/model.ts";
import { caaRecords } from "../certificates/caa.ts";
import { addressSets } from "../dns/recordSet.ts";
import type { RecordSetSpec } from "../dns/recordSet.ts";
import { hostNames } from "../names.ts";
import { dkimName } from "./dkim.ts";
import { dmarcValue } from "./dmarc.ts";
import { mtaStsPolicy, mtaStsValue } from "./mtaSts.ts";
import { nullRecords } from "./nullRecords.ts";
import { spf } from "./spf.ts";

/** What the mail records are made of. All but contents is plain. */
export interface MailRecordsSpec {
    readonly fqdn: string;
    /** Seconds. */
    readonly ttl: number;
    readonly mail: MailConfig;
    /** How certificates are asked for, if the program does. */
    readonly certificates?: CertificatesConfig;
    /** Addresses that mail leaves from. */
    readonly egressIpv4: readonly pulumi.Input<string>[];
    /** Addresses that mail leaves from over IPv6; published only where mail may leave that way. */
    readonly egressIpv6: readonly pulumi.Input<string>[];
    readonly loadBalancerIpv4: pulumi.Input<string>;
    /** Undefined without IPv6. */
    readonly loadBalancerIpv6?: pulumi.Input<string>;
    /** Record value per selector, revoked ones included. */
    readonly dkim: readonly { readonly selector: string; readonly value: pulumi.Input<string> }[];
    /** TLSA content for the mail certificate's key. */
    readonly tlsa: pulumi.Input<string>;
    /** Names with an address that neither send nor receive mail. */
    readonly silentHosts: readonly string[];
}

/** Every record of the Sovereign's mail identity but PTR, which lies with the addresses. Pure. */
export function mailRecords(spec: MailRecordsSpec): RecordSetSpec[] {
    return [
        ...hostRecords(spec),
        ...senderRecords(spec),
        ...transportRecords(spec),
        ...caaRecords({ ...spec, issuers: spec.mail.caaIssuers }),
        ...spec.silentHosts.flatMap((name) => nullRecords(name, spec.ttl)),
    ];
}

/** `mail.` is what egress addresses are called and resolves to them all; `mx.` receives at the load balancer. */
function hostRecords({ fqdn, ttl, ...spec }: MailRecordsSpec): RecordSetSpec[] {
    const { mail, mx } = hostNames(fqdn);
    const balancerIpv6 = spec.loadBalancerIpv6 === undefined ? [] : [spec.loadBalancerIpv6];
    return [
        ...addressSets(mail, ttl, spec.egressIpv4, spec.mail.ipv6 ? spec.egressIpv6 : []),
        ...addressSets(mx, ttl, [spec.loadBalancerIpv4], balancerIpv6),
        { name: fqdn, type: "MX", ttl, records: [`10 ${mx}.`] },
    ];
}

/** Who may send: SPF for the domain and for the name in EHLO (RFC 7208 2.3), DKIM, DMARC. */
function senderRecords({ fqdn, ttl, mail, dkim }: MailRecordsSpec): RecordSetSpec[] {
    const hosts = hostNames(fqdn);
    const relay = mail.egress === "smart-host" ? mail.smartHost?.spf : undefined;
    const text = (name: string, value: pulumi.Input<string>): RecordSetSpec => ({
        name,
        type: "TXT",
        ttl,
        records: [value],
    });
    return [
        text(fqdn, spf(`a:${hosts.mail}`, ...(relay === undefined ? [] : [relay]))),
        text(hosts.mail, spf("a")),
        text(hosts.mx, spf()),
        ...dkim.map(({ selector, value }) => ({
            ...text(dkimName(selector, fqdn), value),
            ttl: mail.dkimTtl,
        })),
        text(`_dmarc.${fqdn}`, dmarcValue(mail)),
    ];
}

/** How mail is to be delivered here: MTA-STS (RFC 8461), reports about it (RFC 8460), DANE (RFC 7672). */
function transportRecords({ fqdn, ttl, mail, ...spec }: MailRecordsSpec): RecordSetSpec[] {
    const hosts = hostNames(fqdn);
    const balancerIpv6 = spec.loadBalancerIpv6 === undefined ? [] : [spec.loadBalancerIpv6];
    const sts: RecordSetSpec[] =
        mail.mtaSts === "none"
            ? []
            : [
                  ...addressSets(hosts.mtaSts, ttl, [spec.loadBalancerIpv4], balancerIpv6),
                  ...nullRecords(hosts.mtaSts, ttl),
                  {
                      name: `_mta-sts.${fqdn}`,
                      type: "TXT",
                      ttl,
                      records: [mtaStsValue(mtaStsPolicy(mail.mtaSts, hosts.mx))],
                  },
              ];
    const dane: RecordSetSpec[] = mail.tlsa
        ? [{ name: `_25._tcp.${hosts.mx}`, type: "TLSA", ttl, records: [spec.tlsa] }]
        : [];
    return [
        ...sts,
        {
            name: `_smtp._tls.${fqdn}`,
            type: "TXT",
            ttl,
            records: [`v=TLSRPTv1; rua=mailto:tls-rpt@${fqdn}`],
        },
        ...dane,
    ];
}
