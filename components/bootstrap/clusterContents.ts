import type * as pulumi from "@pulumi/pulumi";
import type { SovereignSecrets } from "../../config.ts";
import type { SovereignConfig } from "../../config/model.ts";
import { PrerequisiteReady } from "../../provider/resources/prerequisite.ts";
import type { Provider } from "../../provider/resources/provider.ts";
import type { Certificates } from "../certificates/certificates.ts";
import { furtherZoneCertificate, ZONE_CERTIFICATE } from "../certificates/certificateSpecs.ts";
import type { PublicCertificate } from "../certificates/certificateSpecs.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Mail, MailArgs } from "../mail/mail.ts";
import type { SmtpCredentials } from "../mail/smtpCredentials.ts";
import type { Platform } from "../platform/platform.ts";
import { PlatformCertificate } from "../platform/platformCertificate.ts";
import { registryOf } from "../platform/pullSecret.ts";
import { chartPin } from "./chartPins.ts";
import { formerUrns } from "./formerUrns.ts";
import { Gateway } from "./gateway.ts";
import { Installation } from "./installation.ts";
import { Namespaces } from "./namespaces.ts";
import { prerequisites } from "./prerequisites.ts";
import type { PrerequisiteGraph } from "./prerequisites.ts";
import { PullSecrets } from "./pullSecrets.ts";
import { installReleases } from "./releases.ts";
import type { InstallationContext, PullingNamespaces } from "./releases.ts";

export interface ClusterContentsArgs {
    readonly config: SovereignConfig;
    readonly secrets: SovereignSecrets;
    readonly cluster: Cluster;
    /** The `sovereign` provider, for the gate. */
    readonly provider: Provider;
    readonly credentials: SmtpCredentials;
    readonly certificate: MailArgs["certificate"];
    readonly dkim: MailArgs["dkim"];
    readonly selectors: MailArgs["selectors"];
    readonly dnsRecords: MailArgs["dnsRecords"];
    /** Public certificates that are asked for. */
    readonly wanted: readonly PublicCertificate[];
    /** Asks for them, after the Secrets that they are put into, with a cert-manager whose release waits for its chart's pin; nothing where none are wanted. */
    readonly certificates: (
        after: readonly pulumi.Resource[],
        chartPin: readonly pulumi.Resource[],
    ) => Certificates | undefined;
}

/** What the Sovereign's configuration asks for in its cluster. */
export function bootstrapGraph(config: SovereignConfig, pullSecrets: boolean): PrerequisiteGraph {
    return prerequisites({
        gateway: config.gateway !== undefined,
        pullSecrets,
        publicCertificates: config.certificates.issuer !== "none",
        ...(config.gitops && { kit: config.gitops.owners }),
    });
}

/** What stands in the cluster at the end, as far as others ask for it. */
export interface ClusterContents {
    readonly mail: Mail;
    readonly platform: Platform;
    readonly certificate: PlatformCertificate;
}

/** Installs everything in the cluster, by its graph; all of it are children of the Sovereign. */
export function installClusterContents(
    name: string,
    args: ClusterContentsArgs,
    sovereign: pulumi.Resource,
): ClusterContents {
    const { config, secrets, cluster, provider } = args;
    const parent = { parent: sovereign };
    const former = formerUrns(name, sovereign);
    const installation = new Installation(
        bootstrapGraph(config, secrets.imageRegistryToken !== undefined),
        (prerequisite, after) =>
            new PrerequisiteReady(
                `${name}-ready-${prerequisite.name}`,
                { kubeconfig: cluster.kubeconfig, prerequisite },
                { ...parent, provider, dependsOn: [...after], deletedWith: cluster.ready },
            ),
    );
    const context: InstallationContext = { name, args, parent, installation };
    installation.install("network", () => ({ resources: [cluster.ready] }));
    installation.install("storage", () => ({ resources: [cluster.ready] }));
    const namespaces = installation.install(
        "namespaces",
        (after) =>
            new Namespaces(
                `${name}-namespaces`,
                { fqdn: config.fqdn, cluster, after, formerUrns: former.namespaces },
                parent,
            ),
    );
    const pulls = installPullSecrets(context, namespaces, former);
    const certificate = installCertificate(context, namespaces, former);
    installGateway(context);
    return { ...installReleases(context, { namespaces, pulls, certificate }), certificate };
}

type FormerUrns = ReturnType<typeof formerUrns>;

/** @returns the namespaces that pull with credentials, by key */
function installPullSecrets(
    { name, args, parent, installation }: InstallationContext,
    namespaces: Namespaces,
    former: FormerUrns,
): PullingNamespaces {
    const { config, secrets, cluster } = args;
    const token = secrets.imageRegistryToken;
    if (token === undefined) return {};
    const { imageRegistry, imageRegistryUsername } = config.platform;
    const { platform, mail } = namespaces.names;
    const pulling = {
        platform,
        ...(registryOf(config.mail.stalwartImage) === imageRegistry && { mail }),
    };
    installation.install(
        "pull-secrets",
        (after) =>
            new PullSecrets(
                `${name}-pull`,
                {
                    fqdn: config.fqdn,
                    cluster,
                    after,
                    namespaces: pulling,
                    registry: imageRegistry,
                    username: imageRegistryUsername,
                    token,
                    formerUrns: former.pullSecrets,
                },
                parent,
            ),
    );
    return pulling;
}

function installCertificate(
    { name, args, parent, installation }: InstallationContext,
    namespaces: Namespaces,
    former: FormerUrns,
): PlatformCertificate {
    const { config, cluster, certificate } = args;
    return installation.install(
        "certificates",
        (after) =>
            new PlatformCertificate(
                `${name}-platform-certificate`,
                {
                    fqdn: config.fqdn,
                    cluster,
                    after,
                    namespace: namespaces.names.platform,
                    certificate: certificate.ingress,
                    furtherZones: new Map(
                        [...certificate.zones].map(([zone, issued]) => [
                            furtherZoneCertificate(zone).secret,
                            issued,
                        ]),
                    ),
                    publicCertificate: config.certificates.issuer !== "none",
                    formerUrn: former.certificate,
                },
                parent,
            ),
    );
}

function installGateway(context: InstallationContext): void {
    const { name, args, parent, installation } = context;
    const { fqdn, gateway } = args.config;
    if (gateway === undefined) return;
    new Gateway(
        `${name}-gateway`,
        {
            fqdn,
            gateway,
            cluster: args.cluster,
            installation,
            chartPin: chartPin(context, "gateway"),
            zones: [
                { zone: fqdn, certificate: ZONE_CERTIFICATE },
                ...gateway.furtherZones.map((zone) => ({
                    zone,
                    certificate: furtherZoneCertificate(zone),
                })),
            ],
        },
        parent,
    );
}
