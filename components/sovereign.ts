import * as pulumi from "@pulumi/pulumi";
import type { SovereignSecrets } from "../config.ts";
import type { SovereignConfig } from "../config/model.ts";
import { DkimSelectors } from "../provider/resources/dkimSelectors.ts";
import { Provider } from "../provider/resources/provider.ts";
import { installClusterContents } from "./bootstrap/clusterContents.ts";
import { publicCertificates } from "./certificates/certificateSpecs.ts";
import type { PublicCertificate } from "./certificates/certificateSpecs.ts";
import { Certificates } from "./certificates/certificates.ts";
import { Cloud } from "./cloud/cloud.ts";
import { Cluster } from "./cluster/cluster.ts";
import { Dns } from "./dns/dns.ts";
import { FurtherZone } from "./dns/furtherZone.ts";
import { delegatedTo } from "./dns/nameServers.ts";
import { dkimName } from "./mail/dkim.ts";
import { DkimKeys } from "./mail/dkimKeys.ts";
import { egressNodes } from "./mail/egress.ts";
import { MailCertificate } from "./mail/mailCertificate.ts";
import { publicMailPorts } from "./mail/publicPorts.ts";
import { SmtpCredentials } from "./mail/smtpCredentials.ts";
import { slug } from "./names.ts";
import { sovereignOutputs } from "./outputs.ts";
import type { SovereignOutputs } from "./outputs.ts";
import { furtherZoneRecords } from "./platform/furtherZoneRecords.ts";
import { balancer, reportRecords, sovereignRecords } from "./sovereignRecords.ts";

export interface SovereignArgs {
    /** Checked; it holds no secret. */
    readonly config: SovereignConfig;
    /** Secret Outputs. */
    readonly secrets: SovereignSecrets;
}

/** A whole Sovereign: its cloud, its names, its cluster, its mail identity and its platform. */
export class Sovereign extends pulumi.ComponentResource {
    readonly outputs: SovereignOutputs;

    constructor(name: string, args: SovereignArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:index:Sovereign", name, { fqdn: args.config.fqdn }, opts);
        const { config, secrets } = args;
        const { fqdn } = config;
        const parent = { parent: this };
        const provider = this.createProvider(name, args);
        const cloud = new Cloud(`${name}-cloud`, { ...cloudArgs(config), provider }, parent);
        const dkim = new DkimKeys(
            `${name}-dkim`,
            { selectors: config.mail.dkim, protect: config.cloud.protect },
            parent,
        );
        const certificate = new MailCertificate(
            `${name}-certificate`,
            { fqdn, furtherZones: config.gateway?.furtherZones ?? [] },
            parent,
        );
        const credentials = new SmtpCredentials(
            `${name}-smtp`,
            { fqdn, generation: config.mail.passwordGeneration },
            parent,
        );
        const reports = reportRecords(config);
        const dns = new Dns(
            `${name}-dns`,
            {
                fqdn,
                dns: config.dns,
                records: sovereignRecords(config, cloud, dkim, certificate),
                parentRecords: reports.ours,
                protect: config.cloud.protect,
                provider,
            },
            parent,
        );
        const zones = this.createFurtherZones(name, config, cloud, provider);
        const selectors = this.createSelectors(name, config, dkim, dns, provider);
        const cluster = new Cluster(
            `${name}-cluster`,
            { fqdn, cloudConfig: config.cloud, cluster: config.cluster, cloud, provider },
            parent,
        );
        const wanted = wantedCertificates(config);
        const { mail, platform } = installClusterContents(
            name,
            {
                config,
                secrets,
                cluster,
                provider,
                credentials,
                certificate,
                dkim,
                selectors,
                dnsRecords: dns.recordSets,
                wanted,
                certificates: (after, chartPin) =>
                    this.createCertificates(name, {
                        config,
                        cloud,
                        cluster,
                        dns,
                        zones,
                        wanted,
                        after,
                        chartPin,
                        provider,
                    }),
            },
            this,
        );
        this.outputs = sovereignOutputs({
            config,
            cloud,
            cluster,
            dns,
            furtherZones: zones,
            recordsElsewhere: reports.elsewhere,
            dkim,
            certificate,
            credentials,
            mail,
            platform,
        });
        this.registerOutputs({ fqdn, loadBalancerIp: cloud.loadBalancer.ipv4 });
    }

    private createFurtherZones(
        name: string,
        config: SovereignConfig,
        cloud: Cloud,
        provider: Provider,
    ): FurtherZone[] {
        const { fqdn, dns, mail, certificates, gateway } = config;
        return (gateway?.furtherZones ?? []).map(
            (zone) =>
                new FurtherZone(
                    `${name}-zone-${slug(zone)}`,
                    {
                        fqdn,
                        zone,
                        dns,
                        records: furtherZoneRecords({
                            zone,
                            ttl: dns.ttl,
                            caaIssuers: mail.caaIssuers,
                            certificates,
                            ...balancer(config, cloud),
                        }),
                        wait: gateway?.waitForFurtherZones ?? false,
                        protect: config.cloud.protect,
                        provider,
                    },
                    { parent: this },
                ),
        );
    }

    /** Asked for when the Secrets stand that they are put into, and not waited for. */
    private createCertificates(name: string, parts: CertificateParts): Certificates | undefined {
        const { config, cloud, dns } = parts;
        const { fqdn, certificates } = config;
        if (certificates.issuer === "none") return undefined;
        return new Certificates(
            `${name}-certificates`,
            {
                fqdn,
                certificates,
                issuer: certificates.issuer,
                dns: config.dns,
                zone: dns.zone.name,
                furtherZones: new Map(parts.zones.map(({ domain, zone }) => [domain, zone.name])),
                nodeAddresses: [...cloud.nodes.values()].flatMap(({ ipv4, ipv6 }) => [
                    ipv4,
                    ...(ipv6 === undefined ? [] : [ipv6]),
                ]),
                wanted: parts.wanted,
                cluster: parts.cluster,
                chartPin: parts.chartPin,
                after: parts.after,
                protect: config.cloud.protect,
                provider: parts.provider,
            },
            { parent: this },
        );
    }

    /** Between the records and the mail server: what is not published may not sign. */
    private createSelectors(
        name: string,
        { fqdn, mail, dns: { nameServers, waitForDelegation } }: SovereignConfig,
        dkim: DkimKeys,
        dns: Dns,
        provider: Provider,
    ): DkimSelectors {
        return new DkimSelectors(
            `${name}-dkim-selectors`,
            {
                zone: fqdn,
                selectors: dkim.keys.map(({ selector, algorithm, state, value }) => ({
                    selector,
                    algorithm,
                    state,
                    value,
                })),
                nameServers: delegatedTo({ nameServers }),
                ttl: mail.dkimTtl,
                signatureLifetime: mail.dkimSignatureLifetime,
                wait: waitForDelegation,
            },
            {
                parent: this,
                provider,
                dependsOn: mail.dkim.flatMap(
                    ({ selector }) => dns.written.get(`${dkimName(selector, fqdn)} TXT`) ?? [],
                ),
            },
        );
    }

    private createProvider(name: string, { config, secrets }: SovereignArgs): Provider {
        const { dns, cloud } = config;
        return new Provider(
            `${name}-provider`,
            {
                powerdnsUrl: dns.powerdnsUrl,
                powerdnsServerId: dns.powerdnsServerId,
                powerdnsApiKey: secrets.powerdnsApiKey,
                dynadotUrl: dns.dynadotUrl,
                dynadotRequestsPerMinute: dns.dynadotRequestsPerMinute,
                ...(secrets.dynadotApiKey && { dynadotApiKey: secrets.dynadotApiKey }),
                ...(secrets.dynadotApiSecret && { dynadotApiSecret: secrets.dynadotApiSecret }),
                ...dns.registrar,
                ...secrets.registrar,
                ...(secrets.hcloudToken && { hcloudToken: secrets.hcloudToken }),
                ...(cloud.hcloudEndpoint !== undefined && {
                    hcloudEndpoint: cloud.hcloudEndpoint,
                }),
                ...(dns.resolver !== undefined && { resolver: dns.resolver }),
                dnsPort: dns.dnsPort,
                epoch: config.cluster.epoch,
            },
            { parent: this },
        );
    }
}

/** What certificates are made with. */
interface CertificateParts {
    readonly config: SovereignConfig;
    readonly cloud: Cloud;
    readonly cluster: Cluster;
    readonly dns: Dns;
    readonly zones: readonly FurtherZone[];
    readonly wanted: readonly PublicCertificate[];
    /** The Secrets that they are put into. */
    readonly after: readonly pulumi.Resource[];
    /** What cert-manager's chart is compared by. */
    readonly chartPin: readonly pulumi.Resource[];
    readonly provider: Provider;
}

function wantedCertificates({ fqdn, mail, certificates, gateway }: SovereignConfig) {
    const { issuer, challenge } = certificates;
    // A Gateway serves the MTA-STS host by the wildcard.
    const mtaSts = gateway ? "none" : mail.mtaSts;
    const furtherZones = gateway?.furtherZones ?? [];
    return issuer === "none" ? [] : publicCertificates({ fqdn, mtaSts, challenge, furtherZones });
}

function cloudArgs(config: SovereignConfig) {
    return {
        fqdn: config.fqdn,
        cloud: config.cloud,
        nodes: config.cluster.nodes,
        wayIn: config.gateway ? ("gateway" as const) : ("ingress" as const),
        mail: {
            loadBalancerPorts: publicMailPorts(config.mail.publicSubmission),
            egressNodes: egressNodes(config.mail, config.cluster.nodes),
            ipv6: config.mail.ipv6,
        },
    };
}
