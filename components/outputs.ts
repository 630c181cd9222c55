import * as pulumi from "@pulumi/pulumi";
import type { DomainMode, SovereignConfig } from "../config/model.ts";
import { OUTPUTS_SCHEMA_REVISION, OUTPUTS_SCHEMA_VERSION } from "../operations/outputs/contract.ts";
import type { StackOutputs } from "../operations/outputs/contract.ts";
import type { Cloud } from "./cloud/cloud.ts";
import type { Cluster } from "./cluster/cluster.ts";
import type { Dns } from "./dns/dns.ts";
import type { FurtherZone } from "./dns/furtherZone.ts";
import type { RecordSetSpec } from "./dns/recordSet.ts";
import { egressNodes } from "./mail/egress.ts";
import type { DkimKeys } from "./mail/dkimKeys.ts";
import type { Mail } from "./mail/mail.ts";
import type { MailCertificate } from "./mail/mailCertificate.ts";
import type { SmtpCredentials } from "./mail/smtpCredentials.ts";
import { hostNames } from "./names.ts";
import type { Platform } from "./platform/platform.ts";

type Text = pulumi.Output<string>;

/** A public address with the name that it resolves back to. */
export interface PtrOutput {
    readonly ip: Text;
    readonly name: string;
}

/** A DKIM selector as published. */
export interface DkimOutput {
    readonly selector: string;
    readonly algorithm: string;
    readonly state: string;
    /** Name of its record. */
    readonly name: string;
    /** Value of its record. */
    readonly txt: Text;
    readonly publicKey: Text;
}

/** A zone beside the Sovereign's own, with what its owner enters at its parent. */
export interface FurtherZoneOutput {
    readonly zone: Text;
    readonly nameServers: readonly string[];
    readonly dsRecords: pulumi.Output<string[]>;
    readonly records: readonly RecordSetSpec[];
}

/** Outputs by concern. */
export interface NestedOutputs {
    readonly schemaVersion: number;
    readonly schemaRevision: number;
    readonly sovereign: {
        readonly fqdn: string;
        readonly domainMode: DomainMode;
        /** Null outside pool mode. */
        readonly poolDomain: string | null;
        readonly consoleUrl: string;
        readonly gitopsRepoUrl: string;
    };
    readonly cloud: {
        readonly location: Text;
        readonly networkId: pulumi.Output<number>;
        readonly firewallId: pulumi.Output<number>;
        readonly loadBalancerId: pulumi.Output<number>;
        readonly loadBalancerIpv4: Text;
        /** Null without IPv6. */
        readonly loadBalancerIpv6: Text | null;
        /** Hetzner ids by node key. */
        readonly serverIds: Readonly<Record<string, Text>>;
        /** Public IPv4 by node key. */
        readonly nodeIpv4: Readonly<Record<string, Text>>;
        readonly ptrRecords: readonly PtrOutput[];
    };
    readonly cluster: {
        /** Admin kubeconfig; secret. */
        readonly kubeconfig: Text;
        readonly caCertificate: Text;
        /** UID of the namespace `kube-system`. */
        readonly uid: Text;
        readonly epoch: number;
    };
    readonly dns: {
        readonly zone: Text;
        readonly nameServers: readonly string[];
        readonly dsRecords: pulumi.Output<string[]>;
        readonly records: readonly RecordSetSpec[];
        /** Records that somebody else has to publish in another zone. */
        readonly recordsElsewhere: readonly RecordSetSpec[];
        readonly furtherZones: readonly FurtherZoneOutput[];
    };
    readonly mail: {
        readonly host: string;
        readonly mxHost: string;
        readonly egress: string;
        readonly egressIpv4: readonly Text[];
        readonly dkim: readonly DkimOutput[];
        /** Certificate of the authority that mail and ingress use until public certificates are issued, PEM. */
        readonly authorityCertificate: Text;
        readonly release: Text;
    };
    readonly smtp: {
        readonly host: string;
        readonly port: string;
        readonly from: string;
        readonly user: string;
        /** Secret. */
        readonly password: Text;
        /** `namespace/name`. */
        readonly secretRef: Text;
    };
    readonly platform: { readonly release: Text };
}

/** Flat names for readers that know no structure; the last two are those of the outputs' predecessor. */
export interface FlatOutputs {
    readonly sovereignFqdn: string;
    readonly consoleUrl: string;
    readonly gitopsRepoUrl: string;
    readonly controlPlaneIp: Text;
    readonly loadBalancerIp: Text;
    readonly loadBalancerIpv6: Text | null;
    /** Secret. */
    readonly kubeconfig: Text;
    readonly serverIds: Readonly<Record<string, Text>>;
    readonly loadBalancerId: pulumi.Output<number>;
    readonly networkId: pulumi.Output<number>;
    readonly firewallId: pulumi.Output<number>;
    readonly mailHost: string;
    /** The first address that mail leaves from; all of them are in `mail.egressIpv4`. */
    readonly mailEgressIp: Text;
    readonly ptrRecords: readonly PtrOutput[];
    readonly smtpHost: string;
    readonly smtpPort: string;
    readonly smtpFrom: string;
    readonly smtpUser: string;
    /** Secret. */
    readonly smtpPassword: Text;
    readonly dkimSelector: string;
    readonly dkimPublicKey: Text;
    readonly dkimTxt: Text;
    readonly dnsRecords: readonly RecordSetSpec[];
    readonly nameservers: readonly string[];
    readonly dsRecords: pulumi.Output<string[]>;
    readonly domainMode: DomainMode;
    readonly zone: Text;
    readonly poolDomain: string | null;
    readonly smtpSecretRef: Text;
    readonly catalystReleaseStatus: Text;
    readonly stalwartReleaseStatus: Text;
    readonly control_plane_ip: Text;
    readonly load_balancer_ip: Text;
}

/** The stack's outputs: a contract with the provisioner (`docs/outputs.md`). */
export type SovereignOutputs = NestedOutputs & FlatOutputs;

type Satisfies<T extends Contract, Contract> = T;

/** What the readers get; compiles only where it is what the contract says. */
export type ResolvedOutputs = Satisfies<pulumi.Unwrap<SovereignOutputs>, StackOutputs>;

/** The parts that outputs are taken from. */
export interface OutputSources {
    readonly config: SovereignConfig;
    readonly cloud: Cloud;
    readonly cluster: Cluster;
    readonly dns: Dns;
    readonly furtherZones: readonly FurtherZone[];
    readonly recordsElsewhere: readonly RecordSetSpec[];
    readonly dkim: DkimKeys;
    readonly certificate: MailCertificate;
    readonly credentials: SmtpCredentials;
    readonly mail: Mail;
    readonly platform: Platform;
}

/** Gathers the outputs. */
export function sovereignOutputs(sources: OutputSources): SovereignOutputs {
    const nested = nestedOutputs(sources);
    return { ...nested, ...flatOutputs(nested) };
}

function nestedOutputs(sources: OutputSources): NestedOutputs {
    const { config, cluster, dns } = sources;
    const { fqdn } = config;
    const nameServers = config.dns.nameServers.map((server) => server.name);
    return {
        schemaVersion: OUTPUTS_SCHEMA_VERSION,
        schemaRevision: OUTPUTS_SCHEMA_REVISION,
        sovereign: {
            fqdn,
            domainMode: config.dns.domainMode,
            poolDomain: config.dns.poolDomain ?? null,
            consoleUrl: `https://${hostNames(fqdn).console}`,
            gitopsRepoUrl: `https://${hostNames(fqdn).gitea}`,
        },
        cloud: cloudOutputs(sources),
        cluster: {
            kubeconfig: pulumi.secret(cluster.kubeconfig),
            caCertificate: cluster.caCertificate,
            uid: cluster.ready.clusterUid,
            epoch: config.cluster.epoch,
        },
        dns: {
            zone: dns.zone.name,
            nameServers,
            dsRecords: dns.ds,
            records: dns.recordSets,
            recordsElsewhere: sources.recordsElsewhere,
            furtherZones: sources.furtherZones.map(({ zone, recordSets }) => ({
                zone: zone.name,
                nameServers,
                dsRecords: zone.ds,
                records: recordSets,
            })),
        },
        mail: mailOutputs(sources),
        smtp: smtpOutputs(sources),
        platform: { release: sources.platform.releaseStatus },
    };
}

function cloudOutputs({ config, cloud, cluster }: OutputSources): NestedOutputs["cloud"] {
    return {
        location: cloud.placement.location,
        networkId: cloud.networkId,
        firewallId: cloud.firewallId,
        loadBalancerId: cloud.loadBalancer.loadBalancerId,
        loadBalancerIpv4: cloud.loadBalancer.ipv4,
        loadBalancerIpv6: config.cloud.ipv6 ? cloud.loadBalancer.ipv6 : null,
        serverIds: Object.fromEntries(
            [...cluster.servers].map(([key, server]) => [key, server.id]),
        ),
        nodeIpv4: Object.fromEntries([...cloud.nodes].map(([key, node]) => [key, node.ipv4])),
        ptrRecords: cloud.ptrRecords,
    };
}

function mailOutputs({
    config,
    cloud,
    dkim,
    certificate,
    mail,
}: OutputSources): NestedOutputs["mail"] {
    const { mail: host, mx: mxHost } = hostNames(config.fqdn);
    return {
        host,
        mxHost,
        egress: config.mail.egress,
        egressIpv4: egressNodes(config.mail, config.cluster.nodes).flatMap(
            (key) => cloud.nodes.get(key)?.ipv4 ?? [],
        ),
        dkim: dkim.keys.map((key) => ({
            selector: key.selector,
            algorithm: key.algorithm,
            state: key.state,
            name: `${key.selector}._domainkey.${config.fqdn}`,
            txt: key.value,
            publicKey: key.publicKeyPem,
        })),
        authorityCertificate: certificate.authorityPem,
        release: mail.releaseStatus,
    };
}

function smtpOutputs({ credentials, platform }: OutputSources): NestedOutputs["smtp"] {
    return {
        host: credentials.host,
        port: credentials.port,
        from: credentials.user,
        user: credentials.user,
        password: pulumi.secret(credentials.password),
        secretRef: platform.smtpSecretRef,
    };
}

function flatOutputs(nested: NestedOutputs): FlatOutputs {
    const { sovereign, cloud, cluster, dns, mail, smtp, platform } = nested;
    const signing = mail.dkim.find((k) => k.state === "active" && k.algorithm === "rsa2048");
    const [firstEgress] = mail.egressIpv4;
    const controlPlane = cloud.nodeIpv4.cp1;
    if (!signing || !firstEgress || !controlPlane)
        throw new Error(
            "a Sovereign has a control plane, an egress address and an active DKIM key",
        );
    return {
        sovereignFqdn: sovereign.fqdn,
        consoleUrl: sovereign.consoleUrl,
        gitopsRepoUrl: sovereign.gitopsRepoUrl,
        controlPlaneIp: controlPlane,
        loadBalancerIp: cloud.loadBalancerIpv4,
        loadBalancerIpv6: cloud.loadBalancerIpv6,
        kubeconfig: cluster.kubeconfig,
        serverIds: cloud.serverIds,
        loadBalancerId: cloud.loadBalancerId,
        networkId: cloud.networkId,
        firewallId: cloud.firewallId,
        mailHost: mail.host,
        mailEgressIp: firstEgress,
        ptrRecords: cloud.ptrRecords,
        smtpHost: smtp.host,
        smtpPort: smtp.port,
        smtpFrom: smtp.from,
        smtpUser: smtp.user,
        smtpPassword: smtp.password,
        dkimSelector: signing.selector,
        dkimPublicKey: signing.publicKey,
        dkimTxt: signing.txt,
        dnsRecords: dns.records,
        nameservers: dns.nameServers,
        dsRecords: dns.dsRecords,
        domainMode: sovereign.domainMode,
        zone: dns.zone,
        poolDomain: sovereign.poolDomain,
        smtpSecretRef: smtp.secretRef,
        catalystReleaseStatus: platform.release,
        stalwartReleaseStatus: mail.release,
        control_plane_ip: controlPlane,
        load_balancer_ip: cloud.loadBalancerIpv4,
    };
}
