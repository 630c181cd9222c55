import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig } from "../../config/model.ts";
import { filledByCertManager } from "../certificates/issuedSecret.ts";
import { clusterLabels, inCluster } from "../cluster/inCluster.ts";
import type { ClusterAccess } from "../cluster/inCluster.ts";
import type { ServerCertificate } from "../mail/mailCertificate.ts";
import type { SmtpCredentials } from "../mail/smtpCredentials.ts";
import { filesDigest } from "../mail/stalwartPlan.ts";
import { NAMESPACES, SMTP_SECRET } from "../names.ts";
import { INGRESS_SECRET } from "./ingressSecret.ts";
import { platformValues } from "./platformValues.ts";
import { dockerConfigJson, PULL_SECRET } from "./pullSecret.ts";
import { smtpSecretData } from "./smtpSecret.ts";

/** Seconds for the platform to be up: image pulls included. */
const RELEASE_TIMEOUT = 900;

/** How many revisions of a release Helm keeps. */
const RELEASE_HISTORY = 5;

/**
 * What another one has put there before, such as the seed of the mail credentials, becomes ours where we set the same fields
 * (https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/).
 */
const TAKE_OVER = { "pulumi.com/patchForce": "true" };

/** Others put pods into this namespace too, so that a profile tells of those that break it, and stops none. */
const POD_SECURITY = {
    "pod-security.kubernetes.io/warn": "baseline",
    "pod-security.kubernetes.io/audit": "baseline",
};

export interface PlatformArgs {
    readonly fqdn: string;
    readonly platform: PlatformConfig;
    readonly cluster: ClusterAccess;
    readonly credentials: SmtpCredentials;
    /**
     * Release of the mail server. A rotated password goes to the server first, then into the Secret, then to the platform: the server
     * knows one password per account, so that the other order would leave the platform with one that nobody takes yet.
     */
    readonly mailServer: pulumi.Resource;
    readonly certificate: ServerCertificate;
    /** cert-manager replaces the certificate by a publicly trusted one. */
    readonly publicCertificate: boolean;
    /** Token that may pull the platform's images; secret. Only where the registry asks for one. */
    readonly imageRegistryToken?: pulumi.Output<string>;
}

/** catalyst-platform in the cluster: its namespace, the Secrets that it finds there, its release. */
export class Platform extends pulumi.ComponentResource {
    readonly release: kubernetes.helm.v3.Release;
    /** `namespace/name` of the Secret with the submission credentials. */
    readonly smtpSecretRef: pulumi.Output<string>;
    /** Secret whose contents cert-manager replaces, where certificates are issued publicly. */
    readonly certificateSecret: pulumi.Resource;

    constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:platform:Platform", name, { fqdn: args.fqdn }, opts);
        const namespace = this.createNamespace(name, args).metadata.name;
        const smtpData = smtpFiles(args.credentials);
        const smtp = this.createSecret(
            name,
            args,
            namespace,
            "smtp",
            SMTP_SECRET,
            "Opaque",
            smtpData,
            { dependsOn: [args.mailServer] },
        );
        const tls = this.createSecret(
            name,
            args,
            namespace,
            "tls",
            INGRESS_SECRET,
            "kubernetes.io/tls",
            tlsFiles(args.certificate),
            filledByCertManager(args.publicCertificate),
        );
        this.certificateSecret = tls;
        const pull = this.createPullSecret(name, args, namespace);
        this.release = this.createRelease(name, args, namespace, smtpData, [smtp, tls, ...pull]);
        this.smtpSecretRef = pulumi.interpolate`${namespace}/${smtp.metadata.name}`;
        this.registerOutputs({
            smtpSecretRef: this.smtpSecretRef,
            status: this.release.status,
        });
    }

    private createNamespace(name: string, args: PlatformArgs): kubernetes.core.v1.Namespace {
        return new kubernetes.core.v1.Namespace(
            `${name}-namespace`,
            {
                metadata: {
                    name: NAMESPACES.platform,
                    labels: { ...clusterLabels(args.fqdn), ...POD_SECURITY },
                    annotations: TAKE_OVER,
                },
            },
            inCluster(args.cluster, this),
        );
    }

    private createSecret(
        name: string,
        args: PlatformArgs,
        namespace: pulumi.Output<string>,
        key: string,
        secretName: string,
        type: string,
        data: pulumi.Output<Record<string, string>>,
        options: pulumi.CustomResourceOptions = {},
    ): kubernetes.core.v1.Secret {
        return new kubernetes.core.v1.Secret(
            `${name}-${key}`,
            {
                metadata: {
                    name: secretName,
                    namespace,
                    labels: clusterLabels(args.fqdn),
                    annotations: TAKE_OVER,
                },
                type,
                stringData: data,
            },
            { ...inCluster(args.cluster, this), ...options },
        );
    }

    private createPullSecret(
        name: string,
        args: PlatformArgs,
        namespace: pulumi.Output<string>,
    ): kubernetes.core.v1.Secret[] {
        const { imageRegistry, imageRegistryUsername } = args.platform;
        if (args.imageRegistryToken === undefined) return [];
        const data = pulumi.secret(
            args.imageRegistryToken.apply((token): Record<string, string> => ({
                ".dockerconfigjson": dockerConfigJson(imageRegistry, imageRegistryUsername, token),
            })),
        );
        const type = "kubernetes.io/dockerconfigjson";
        return [this.createSecret(name, args, namespace, "pull", PULL_SECRET, type, data)];
    }

    private createRelease(
        name: string,
        args: PlatformArgs,
        namespace: pulumi.Output<string>,
        smtpData: pulumi.Output<Record<string, string>>,
        secrets: readonly kubernetes.core.v1.Secret[],
    ): kubernetes.helm.v3.Release {
        const { host, port, user } = args.credentials;
        const { chart, version } = args.platform;
        const values = platformValues({
            fqdn: args.fqdn,
            values: args.platform.values,
            smtp: { host, port, from: user },
            // Not secret: 40 random characters went into it.
            smtpDigest: pulumi.unsecret(smtpData.apply(filesDigest)),
            ...(args.imageRegistryToken !== undefined && { pullSecret: PULL_SECRET }),
            tlsSecret: INGRESS_SECRET,
        });
        return new kubernetes.helm.v3.Release(
            `${name}-release`,
            {
                name: "catalyst-platform",
                namespace,
                chart,
                ...(version !== undefined && { version }),
                values,
                timeout: RELEASE_TIMEOUT,
                maxHistory: RELEASE_HISTORY,
            },
            { ...inCluster(args.cluster, this), dependsOn: [...secrets] },
        );
    }
}

function smtpFiles(credentials: SmtpCredentials): pulumi.Output<Record<string, string>> {
    const { host, port, user } = credentials;
    return pulumi.secret(
        credentials.password.apply((password) =>
            smtpSecretData({ host, port, from: user, user, password }),
        ),
    );
}

function tlsFiles(certificate: ServerCertificate): pulumi.Output<Record<string, string>> {
    return pulumi.secret(
        pulumi
            .all([certificate.chainPem, certificate.privateKeyPem])
            .apply(([chain, key]): Record<string, string> => ({
                "tls.crt": chain,
                "tls.key": key,
            })),
    );
}
