import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { TAKE_OVER } from "../bootstrap/fieldOwnership.ts";
import { filledByCertManager } from "../certificates/issuedSecret.ts";
import { clusterLabels, inCluster } from "../cluster/inCluster.ts";
import type { ClusterAccess } from "../cluster/inCluster.ts";
import type { ServerCertificate } from "../mail/mailCertificate.ts";
import { INGRESS_SECRET } from "./ingressSecret.ts";

export interface PlatformCertificateArgs {
    readonly fqdn: string;
    readonly cluster: ClusterAccess;
    /** Name of the platform's namespace. */
    readonly namespace: pulumi.Output<string>;
    readonly certificate: ServerCertificate;
    /** Certificates of further zones, by the Secret that they go into. */
    readonly furtherZones: ReadonlyMap<string, ServerCertificate>;
    /** cert-manager replaces the certificate by a publicly trusted one. */
    readonly publicCertificate: boolean;
    readonly after: readonly pulumi.Resource[];
    /** URN that the Secret had before. */
    readonly formerUrn: pulumi.Input<string>;
}

/** The certificates of apex and wildcard of every zone, for whatever serves the platform. */
export class PlatformCertificate extends pulumi.ComponentResource {
    /** The Secrets; their contents are cert-manager's where certificates are issued publicly. */
    readonly resources: readonly pulumi.Resource[];

    constructor(
        name: string,
        args: PlatformCertificateArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("sovereign:platform:PlatformCertificate", name, { fqdn: args.fqdn }, opts);
        const own = this.createSecret(`${name}-secret`, args, INGRESS_SECRET, args.certificate, {
            aliases: [args.formerUrn],
        });
        const further = [...args.furtherZones].map(([secret, certificate]) =>
            this.createSecret(`${name}-${secret}`, args, secret, certificate),
        );
        this.resources = [own, ...further];
        this.registerOutputs({});
    }

    private createSecret(
        name: string,
        args: PlatformCertificateArgs,
        secret: string,
        certificate: ServerCertificate,
        opts: pulumi.CustomResourceOptions = {},
    ): kubernetes.core.v1.Secret {
        return new kubernetes.core.v1.Secret(
            name,
            {
                metadata: {
                    name: secret,
                    namespace: args.namespace,
                    labels: clusterLabels(args.fqdn),
                    annotations: TAKE_OVER,
                },
                type: "kubernetes.io/tls",
                stringData: pulumi.secret(
                    pulumi
                        .all([certificate.chainPem, certificate.privateKeyPem])
                        .apply(([chain, key]): Record<string, string> => ({
                            "tls.crt": chain,
                            "tls.key": key,
                        })),
                ),
            },
            {
                ...inCluster(args.cluster, this),
                dependsOn: [...args.after],
                ...filledByCertManager(args.publicCertificate),
                ...opts,
            },
        );
    }
}
