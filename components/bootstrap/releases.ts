import type * as pulumi from "@pulumi/pulumi";
import type { GitopsConfig } from "../../config/model.ts";
import { provenByHttp } from "../certificates/certificateSpecs.ts";
import { ReleaseHandOver } from "../../provider/resources/releaseHandOver.ts";
import { Mail } from "../mail/mail.ts";
import { NAMESPACES } from "../names.ts";
import { INGRESS_SECRET } from "../platform/ingressSecret.ts";
import { Platform } from "../platform/platform.ts";
import type { PlatformCertificate } from "../platform/platformCertificate.ts";
import { PULL_SECRET } from "../platform/pullSecret.ts";
import { chartPin } from "./chartPins.ts";
import type { ClusterContentsArgs } from "./clusterContents.ts";
import { CrossplaneCredentials } from "./crossplaneCredentials.ts";
import { BootstrapKit, Flux } from "./flux.ts";
import { FLUX_NAMESPACE } from "./fluxSpecs.ts";
import { GATEWAY } from "./gatewaySpecs.ts";
import type { Installation } from "./installation.ts";
import type { NamespaceKey, Namespaces } from "./namespaces.ts";

/** What every step of the installation is given. */
export interface InstallationContext {
    readonly name: string;
    readonly args: ClusterContentsArgs;
    readonly parent: { readonly parent: pulumi.Resource };
    readonly installation: Installation;
}

/** Namespaces that pull images with credentials, by key. */
export type PullingNamespaces = Readonly<Partial<Record<NamespaceKey, pulumi.Output<string>>>>;

/** What stands before the releases. */
export interface ReadyForReleases {
    readonly namespaces: Namespaces;
    readonly pulls: PullingNamespaces;
    readonly certificate: PlatformCertificate;
}

const PROGRAM: GitopsConfig["owners"] = {
    mailServer: "program",
    platform: "program",
    certManager: "program",
};

/** Installs the two releases, or what the kit's slots of them read; and with a kit, Flux and the kit in their places. */
export function installReleases(
    context: InstallationContext,
    ready: ReadyForReleases,
): { readonly mail: Mail; readonly platform: Platform } {
    const { installation, args } = context;
    const { namespaces, pulls } = ready;
    const owners = args.config.gitops?.owners ?? PROGRAM;
    installFlux(context);
    const mail = installMail(context, owners, namespaces, pulls);
    installCertificates(context, [...mail.certificateSecrets, ...ready.certificate.resources]);
    // A platform of the program's own needs what the kit brings; the kit's own needs what the program writes for it.
    if (owners.platform === "program") {
        installKit(context);
        if (args.config.gitops)
            installation.install("kit-gitea", (after) => ({ resources: after }));
    }
    const platform = installPlatform(context, owners, namespaces, pulls);
    if (owners.platform === "kit") installKit(context);
    installation.assertComplete();
    return { mail, platform };
}

/** Their own component orders them; the graph is what the audit compares that with. */
function installCertificates(
    context: InstallationContext,
    secrets: readonly pulumi.Resource[],
): void {
    const { args, installation } = context;
    if (args.config.certificates.issuer === "none") return;
    const made = args.certificates(secrets, chartPin(context, "certificates"));
    if (made === undefined) return;
    const { certManager, publicCertificates } = made;
    const certificates = Object.values(publicCertificates.certificates);
    installation.install("cert-manager", () => ({ resources: [certManager.release] }));
    installation.install("issuers", () => ({ resources: [certManager.release] }));
    installation.install("public-certificates", () => ({ resources: certificates }));
}

function installFlux(context: InstallationContext): void {
    const { name, args, parent, installation } = context;
    const { config, secrets, cluster } = args;
    const { gitops } = config;
    const token = secrets.imageRegistryToken;
    // The configuration lets neither through without the other.
    if (gitops === undefined || token === undefined) return;
    installation.install(
        "flux",
        (after) =>
            new Flux(
                `${name}-flux`,
                {
                    fqdn: config.fqdn,
                    gitops,
                    cluster,
                    after,
                    registry: config.platform.imageRegistry,
                    username: config.platform.imageRegistryUsername,
                    token,
                    chartPin: chartPin(context, "gitops"),
                    handOver: (namespace) =>
                        handOver(context, "flux", [FLUX_NAMESPACE, "flux"], namespace),
                },
                parent,
            ),
    );
}

function installKit({ name, args, parent, installation }: InstallationContext): void {
    const { fqdn, gitops } = args.config;
    const { cluster, secrets } = args;
    if (gitops === undefined) return;
    const { hcloudToken } = secrets;
    installation.install("kit", (after) => {
        const credentials =
            gitops.crossplaneCredentials && hcloudToken !== undefined
                ? new CrossplaneCredentials(
                      `${name}-crossplane`,
                      { fqdn, cluster, after, hcloudToken },
                      parent,
                  ).resources
                : [];
        return new BootstrapKit(
            `${name}-kit`,
            { fqdn, gitops, cluster, after: [...after, ...credentials] },
            parent,
        );
    });
}

/** Makes the name of a release free that this program is about to install. */
function handOver(
    { name, args, parent }: InstallationContext,
    key: string,
    [namespace, release]: readonly [string, string],
    after: readonly pulumi.Resource[],
): pulumi.Resource {
    const { cluster, provider } = args;
    return new ReleaseHandOver(
        `${name}-hand-over-${key}`,
        {
            kubeconfig: cluster.kubeconfig,
            namespace,
            release,
            // Flux stays when it leaves the program, and was nobody else's.
            takesAbandoned: key === "flux",
        },
        { ...parent, provider, dependsOn: [...after], deletedWith: cluster.ready },
    );
}

function installMail(
    context: InstallationContext,
    owners: GitopsConfig["owners"],
    namespaces: Namespaces,
    pulls: PullingNamespaces,
): Mail {
    const { name, args, parent, installation } = context;
    const { config, secrets } = args;
    const { smartHostPassword } = secrets;
    const release = [NAMESPACES.mail, "stalwart-sovereign"] as const;
    return installation.install(
        "mail-server",
        (after) =>
            new Mail(
                `${name}-mail`,
                {
                    fqdn: config.fqdn,
                    after:
                        owners.mailServer === "kit"
                            ? after
                            : [...after, handOver(context, "mail", release, after)],
                    cluster: args.cluster,
                    namespace: namespaces.names.mail,
                    owner: owners.mailServer,
                    mail: config.mail,
                    cloudConfig: config.cloud,
                    clusterConfig: config.cluster,
                    dkim: args.dkim,
                    selectors: args.selectors,
                    credentials: args.credentials,
                    certificate: args.certificate,
                    publicCertificates: args.wanted.flatMap(({ namespace, secret }) =>
                        namespace === NAMESPACES.mail ? [secret] : [],
                    ),
                    wayIn: config.gateway
                        ? { kind: "gateway", ...GATEWAY }
                        : { kind: "ingress", forceHttps: !provenByHttp(config.certificates) },
                    ...(pulls.mail && { pullSecret: PULL_SECRET }),
                    ...(config.mail.egress === "smart-host" &&
                        smartHostPassword && { smartHostPassword }),
                    dnsRecords: args.dnsRecords,
                },
                parent,
            ),
    );
}

function installPlatform(
    context: InstallationContext,
    owners: GitopsConfig["owners"],
    namespaces: Namespaces,
    pulls: PullingNamespaces,
): Platform {
    const { name, args, parent, installation } = context;
    const { config } = args;
    const release = [NAMESPACES.platform, "catalyst-platform"] as const;
    return installation.install(
        "platform",
        (after) =>
            new Platform(
                `${name}-platform`,
                {
                    fqdn: config.fqdn,
                    after:
                        owners.platform === "kit"
                            ? after
                            : [...after, handOver(context, "platform", release, after)],
                    cluster: args.cluster,
                    namespace: namespaces.names.platform,
                    owner: owners.platform,
                    platform: config.platform,
                    chartPin: chartPin(context, "platform"),
                    credentials: args.credentials,
                    wayIn: config.gateway
                        ? { kind: "gateway", ...GATEWAY }
                        : {
                              kind: "ingress",
                              tlsSecret: INGRESS_SECRET,
                              forceHttps: !provenByHttp(config.certificates),
                          },
                    ...(pulls.platform && { pullSecret: PULL_SECRET }),
                },
                parent,
            ),
    );
}
