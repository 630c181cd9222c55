import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CloudConfig, ClusterConfig, MailConfig, ReleaseOwner } from "../../config/model.ts";
import { createKitValues } from "../bootstrap/kitValues.ts";
import { filledByCertManager } from "../certificates/issuedSecret.ts";
import { clusterLabels, inCluster } from "../cluster/inCluster.ts";
import type { ClusterAccess } from "../cluster/inCluster.ts";
import type { RecordSetSpec } from "../dns/recordSet.ts";
import { localChart } from "../localChart.ts";
import { hostNames, resourceName } from "../names.ts";
import { coreDnsOverride } from "./coreDns.ts";
import type { DkimKeys } from "./dkimKeys.ts";
import type { MailCertificate, ServerCertificate } from "./mailCertificate.ts";
import type { SmtpCredentials } from "./smtpCredentials.ts";
import { dkimKeyFile, STALWART_PATHS } from "./stalwartPaths.ts";
import { filesDigest, stalwartPlanFiles } from "./stalwartPlan.ts";
import type { StalwartSpec } from "./stalwartSpec.ts";
import { MAIL_SECRETS, stalwartValues } from "./stalwartValues.ts";
import type { MailChecksums, MtaStsWayIn } from "./stalwartValues.ts";

const CHART = "stalwart-sovereign";

/** Seconds for the server to be up: image pulls included. */
const RELEASE_TIMEOUT = 600;

/** How many revisions of a release Helm keeps. */
const RELEASE_HISTORY = 5;

export interface MailArgs {
    readonly fqdn: string;
    readonly mail: MailConfig;
    readonly cloudConfig: CloudConfig;
    readonly clusterConfig: ClusterConfig;
    readonly cluster: ClusterAccess;
    /** Name of the mail server's namespace. */
    readonly namespace: pulumi.Output<string>;
    /** What has to be there before anything of the mail server. */
    readonly after: readonly pulumi.Resource[];
    /** Who releases it: this program, or the kit, which takes the values from a ConfigMap. */
    readonly owner: ReleaseOwner;
    /** Listener that leads to the MTA-STS policy: an Ingress, or a Gateway's. */
    readonly wayIn: MtaStsWayIn;
    /** Name of the pull Secret; undefined where the image is pulled without one. */
    readonly pullSecret?: string;
    readonly dkim: DkimKeys;
    /** Passed once every active selector may sign: its key is published, and has been for long enough. */
    readonly selectors: pulumi.Resource;
    readonly credentials: SmtpCredentials;
    readonly certificate: MailCertificate;
    /** Names of the Secrets whose certificates cert-manager replaces by publicly trusted ones. */
    readonly publicCertificates: readonly string[];
    /** Password at the smart host; secret. Only where mail leaves through one. */
    readonly smartHostPassword?: pulumi.Output<string>;
    /** What is published in DNS, for people and audits. */
    readonly dnsRecords: readonly RecordSetSpec[];
}

type Files = Record<string, string>;

interface MailSecrets {
    readonly plain: readonly kubernetes.core.v1.Secret[];
    readonly certificates: readonly kubernetes.core.v1.Secret[];
}

/** The mail server in the cluster: its Secrets and release, and its name inside the cluster. */
export class Mail extends pulumi.ComponentResource {
    /** Status of the release as Helm has it; `kit` where the kit owns it. */
    readonly releaseStatus: pulumi.Output<string>;
    /** What others wait for. */
    readonly resources: readonly pulumi.Resource[];
    readonly namespace: pulumi.Output<string>;
    /** Secrets whose contents cert-manager replaces, where certificates are issued publicly. */
    readonly certificateSecrets: readonly pulumi.Resource[];

    constructor(name: string, args: MailArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:mail:Mail", name, { fqdn: args.fqdn }, opts);
        this.namespace = args.namespace;
        const files = secretFiles(args);
        const secrets = this.createSecrets(name, args, files);
        this.createCoreDnsOverride(name, args);
        this.certificateSecrets = secrets.certificates;
        const values = this.values(args, files);
        const before = [...secrets.plain, ...secrets.certificates];
        if (args.owner === "kit") {
            const { fqdn, cluster } = args;
            const release = "bp-stalwart-sovereign";
            this.resources = [
                ...before,
                createKitValues(
                    `${name}-kit-values`,
                    { fqdn, cluster, release, values, after: args.after },
                    this,
                ),
            ];
            this.releaseStatus = pulumi.output("kit");
        } else {
            const release = this.createRelease(name, args, values, before);
            this.resources = [release];
            this.releaseStatus = release.status.status;
        }
        this.registerOutputs({ namespace: this.namespace, status: this.releaseStatus });
    }

    private createSecrets(name: string, args: MailArgs, files: SecretFiles): MailSecrets {
        const secret = (
            key: keyof typeof MAIL_SECRETS,
            type: string,
            data: pulumi.Output<Files>,
            options: pulumi.CustomResourceOptions = {},
        ) =>
            new kubernetes.core.v1.Secret(
                `${name}-${key}`,
                {
                    metadata: {
                        name: MAIL_SECRETS[key],
                        namespace: this.namespace,
                        labels: clusterLabels(args.fqdn),
                    },
                    type,
                    stringData: data,
                },
                {
                    ...inCluster(args.cluster, this),
                    ...options,
                    dependsOn: [args.selectors, ...args.after],
                },
            );
        const certificate = (key: keyof typeof MAIL_SECRETS, data: pulumi.Output<Files>) =>
            secret(
                key,
                "kubernetes.io/tls",
                data,
                filledByCertManager(args.publicCertificates.includes(MAIL_SECRETS[key])),
            );
        return {
            plain: [
                secret("plan", "Opaque", files.plan),
                secret("dkim", "Opaque", files.dkim),
                ...(files.relay ? [secret("relay", "Opaque", files.relay)] : []),
            ],
            certificates: [
                certificate("tls", files.tls),
                ...(args.mail.mtaSts === "none" || args.wayIn.kind === "gateway"
                    ? []
                    : [certificate("ingress", tlsFiles(args.certificate.ingress))]),
            ],
        };
    }

    private createCoreDnsOverride(name: string, args: MailArgs): void {
        new kubernetes.core.v1.ConfigMap(
            `${name}-coredns`,
            {
                metadata: {
                    name: "coredns-custom",
                    namespace: "kube-system",
                    labels: clusterLabels(args.fqdn),
                },
                data: coreDnsOverride(args.fqdn),
            },
            { ...inCluster(args.cluster, this), dependsOn: [...args.after] },
        );
    }

    private values(args: MailArgs, files: SecretFiles) {
        const { fqdn, mail } = args;
        return stalwartValues({
            fqdn,
            mail,
            checksums: checksums(args, files),
            ...(mail.egress === "pinned" &&
                mail.pinnedNode !== undefined && {
                    pinnedHost: resourceName(fqdn, mail.pinnedNode),
                }),
            loadBalancerIp: args.cloudConfig.loadBalancerIp,
            chartDigest: localChart(CHART).digest,
            probeTargets: args.clusterConfig.mailProbeTargets,
            wayIn: args.wayIn,
            ...(args.pullSecret !== undefined && { pullSecret: args.pullSecret }),
            dnsRecords: args.dnsRecords,
        });
    }

    private createRelease(
        name: string,
        args: MailArgs,
        values: ReturnType<typeof stalwartValues>,
        secrets: readonly kubernetes.core.v1.Secret[],
    ): kubernetes.helm.v3.Release {
        const { chart, version } = localChart(CHART);
        return new kubernetes.helm.v3.Release(
            `${name}-release`,
            {
                name: CHART,
                namespace: this.namespace,
                chart,
                version,
                values,
                timeout: RELEASE_TIMEOUT,
                maxHistory: RELEASE_HISTORY,
            },
            {
                ...inCluster(args.cluster, this),
                dependsOn: [...args.after, ...secrets],
                // Handed to the kit, it leaves the program and stays in the cluster.
                retainOnDelete: true,
            },
        );
    }
}

/** Contents of the Secrets, each secret as a whole. */
interface SecretFiles {
    readonly plan: pulumi.Output<Files>;
    readonly dkim: pulumi.Output<Files>;
    readonly tls: pulumi.Output<Files>;
    readonly relay: pulumi.Output<Files> | undefined;
}

function tlsFiles(certificate: ServerCertificate): pulumi.Output<Files> {
    return pulumi.secret(
        pulumi
            .all([certificate.chainPem, certificate.privateKeyPem])
            .apply(([chain, key]): Files => ({ "tls.crt": chain, "tls.key": key })),
    );
}

function secretFiles(args: MailArgs): SecretFiles {
    return {
        plan: pulumi.secret(
            args.credentials.passwordHash.apply((hash) => stalwartPlanFiles(planSpec(args, hash))),
        ),
        dkim: pulumi.secret(
            pulumi
                .all(args.dkim.active.map((key) => key.privateKeyPem))
                .apply((pems): Files =>
                    Object.fromEntries(
                        args.dkim.active.map(({ selector }, i) => [
                            `${selector}.pem`,
                            pems[i] ?? "",
                        ]),
                    ),
                ),
        ),
        tls: tlsFiles(args.certificate.mail),
        relay: args.smartHostPassword?.apply((password): Files => ({ password })),
    };
}

/** Digests for the pod's annotations. That of the relay is salted: people choose such passwords, and a digest is no secret. */
function checksums(args: MailArgs, files: SecretFiles): MailChecksums {
    const digest = (data: pulumi.Output<Files>) => pulumi.unsecret(data.apply(filesDigest));
    const salted = files.relay
        ? pulumi
              .all([files.relay, args.credentials.password])
              .apply(([relay, salt]): Files => ({ ...relay, salt }))
        : undefined;
    return {
        plan: digest(files.plan),
        dkim: digest(files.dkim),
        tls: digest(files.tls),
        relay: salted ? digest(salted) : "",
    };
}

function planSpec(args: MailArgs, passwordHash: string): StalwartSpec {
    const { fqdn, mail } = args;
    const hosts = hostNames(fqdn);
    const relay = mail.egress === "smart-host" ? mail.smartHost : undefined;
    return {
        fqdn,
        mailHost: hosts.mail,
        ehlo: hosts.mail,
        mxHost: hosts.mx,
        dkim: args.dkim.active.map(({ selector, algorithm }) => ({
            selector,
            algorithm,
            keyFile: dkimKeyFile(selector),
        })),
        passwordHash,
        certificateFile: `${STALWART_PATHS.tls}/tls.crt`,
        keyFile: `${STALWART_PATHS.tls}/tls.key`,
        ...(relay && {
            relay: {
                host: relay.host,
                port: relay.port,
                username: relay.username,
                passwordFile: `${STALWART_PATHS.relay}/password`,
            },
        }),
        ipv6: mail.ipv6,
        podCidr: args.clusterConfig.podCidr,
        nodeCidr: args.cloudConfig.nodesCidr,
        proxyTrustedNetworks: [args.cloudConfig.loadBalancerIp],
        mtaSts: mail.mtaSts,
    };
}
