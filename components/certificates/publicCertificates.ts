import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { clusterLabels, inCluster } from "../cluster/inCluster.ts";
import type { ClusterAccess } from "../cluster/inCluster.ts";
import type { CertManager } from "./certManager.ts";
import { solverPolicy } from "./networkPolicies.ts";
import { certificateSpec } from "./certificateSpecs.ts";
import type { PublicCertificate } from "./certificateSpecs.ts";
import { ACME_DIRECTORIES, issuerName, issuerSpec, TSIG_SECRET } from "./issuers.ts";
import type { AcmeIssuer, IssuerSpec } from "./issuers.ts";

/** The engine does not wait for these: an order of ACME takes minutes, and the cluster serves without it. */
const NOT_WAITED_FOR = { "pulumi.com/skipAwait": "true" };

export interface PublicCertificatesArgs {
    readonly fqdn: string;
    /** The issuer that certificates come from; the other one stands beside it, for trials. */
    readonly issuer: AcmeIssuer;
    readonly acme: Omit<IssuerSpec, "issuer">;
    readonly certificates: readonly PublicCertificate[];
    /** Secret of the TSIG key, base64; secret. Only for dns-01. */
    readonly tsigSecret?: pulumi.Output<string>;
    readonly certManager: CertManager;
    readonly cluster: ClusterAccess;
    /** What has to be there before a certificate is asked for: the Secrets that they are put into, and the records of the challenges. */
    readonly after: readonly pulumi.Resource[];
}

/**
 * Issuers, and certificates that replace those of our own authority when they are issued. Nothing waits for that: a Sovereign is up
 * before the first ACME order is done.
 */
export class PublicCertificates extends pulumi.ComponentResource {
    /** By key of the certificate. */
    readonly certificates: Readonly<Record<string, kubernetes.apiextensions.CustomResource>>;

    constructor(
        name: string,
        args: PublicCertificatesArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("sovereign:certificates:PublicCertificates", name, { fqdn: args.fqdn }, opts);
        const tsig = this.createTsigSecret(name, args);
        const issuers = this.createIssuers(name, args, tsig);
        const allowed = this.allowSolvers(name, args);
        this.certificates = this.createCertificates(name, args, [...issuers, ...allowed]);
        this.registerOutputs({ issuer: issuerName(args.issuer) });
    }

    private createTsigSecret(name: string, args: PublicCertificatesArgs): pulumi.Resource[] {
        const { tsigSecret } = args;
        if (tsigSecret === undefined) return [];
        return [
            new kubernetes.core.v1.Secret(
                `${name}-tsig`,
                {
                    metadata: {
                        name: TSIG_SECRET.name,
                        namespace: args.certManager.namespace,
                        labels: clusterLabels(args.fqdn),
                    },
                    type: "Opaque",
                    stringData: pulumi.secret(
                        tsigSecret.apply((secret): Record<string, string> => ({
                            [TSIG_SECRET.key]: secret,
                        })),
                    ),
                },
                inCluster(args.cluster, this),
            ),
        ];
    }

    private createIssuers(
        name: string,
        args: PublicCertificatesArgs,
        tsig: readonly pulumi.Resource[],
    ): kubernetes.apiextensions.CustomResource[] {
        return (Object.keys(ACME_DIRECTORIES) as AcmeIssuer[]).map(
            (issuer) =>
                new kubernetes.apiextensions.CustomResource(
                    `${name}-${issuer}`,
                    {
                        apiVersion: "cert-manager.io/v1",
                        kind: "ClusterIssuer",
                        metadata: {
                            name: issuerName(issuer),
                            labels: clusterLabels(args.fqdn),
                            annotations: NOT_WAITED_FOR,
                        },
                        spec: issuerSpec({ ...args.acme, issuer }),
                    },
                    {
                        ...inCluster(args.cluster, this),
                        dependsOn: [args.certManager.release, ...tsig],
                    },
                ),
        );
    }

    /** Proofs by HTTP come from pods beside the certificate, in namespaces that let nothing through by themselves. */
    private allowSolvers(name: string, args: PublicCertificatesArgs): pulumi.Resource[] {
        if (args.acme.challenge.type !== "http-01") return [];
        const namespaces = new Set(args.certificates.map(({ namespace }) => namespace));
        return [...namespaces].map(
            (namespace) =>
                new kubernetes.networking.v1.NetworkPolicy(
                    `${name}-solver-${namespace}`,
                    {
                        metadata: {
                            name: "acme-http01-solver",
                            namespace,
                            labels: clusterLabels(args.fqdn),
                        },
                        spec: solverPolicy(),
                    },
                    { ...inCluster(args.cluster, this), dependsOn: [...args.after] },
                ),
        );
    }

    private createCertificates(
        name: string,
        args: PublicCertificatesArgs,
        before: readonly pulumi.Resource[],
    ): Record<string, kubernetes.apiextensions.CustomResource> {
        return Object.fromEntries(
            args.certificates.map((certificate) => [
                certificate.key,
                new kubernetes.apiextensions.CustomResource(
                    `${name}-${certificate.key}`,
                    {
                        apiVersion: "cert-manager.io/v1",
                        kind: "Certificate",
                        metadata: {
                            name: certificate.secret,
                            namespace: certificate.namespace,
                            labels: clusterLabels(args.fqdn),
                            annotations: NOT_WAITED_FOR,
                        },
                        spec: certificateSpec(certificate, args.issuer),
                    },
                    { ...inCluster(args.cluster, this), dependsOn: [...before, ...args.after] },
                ),
            ]),
        );
    }
}
