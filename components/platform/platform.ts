import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PlatformConfig, ReleaseOwner } from "../../config/model.ts";
import { TAKE_OVER } from "../bootstrap/fieldOwnership.ts";
import { createKitValues } from "../bootstrap/kitValues.ts";
import { clusterLabels, inCluster } from "../cluster/inCluster.ts";
import type { ClusterAccess } from "../cluster/inCluster.ts";
import type { SmtpCredentials } from "../mail/smtpCredentials.ts";
import { filesDigest } from "../mail/stalwartPlan.ts";
import { SMTP_SECRET } from "../names.ts";
import { platformValues } from "./platformValues.ts";
import type { PlatformWayIn } from "./platformValues.ts";
import { smtpSecretData } from "./smtpSecret.ts";

/** Seconds for the platform to be up: image pulls included. */
const RELEASE_TIMEOUT = 900;

/** How many revisions of a release Helm keeps. */
const RELEASE_HISTORY = 5;

export interface PlatformArgs {
    readonly fqdn: string;
    readonly platform: PlatformConfig;
    /** What its chart's digest is compared by, before the release; empty where none is pinned. */
    readonly chartPin: readonly pulumi.Resource[];
    readonly cluster: ClusterAccess;
    readonly credentials: SmtpCredentials;
    /** Name of the platform's namespace. */
    readonly namespace: pulumi.Output<string>;
    /**
     * What has to be there before, the mail server's release among it: a rotated password goes to the server first, then into the Secret,
     * then to the platform, since the server knows one password per account.
     */
    readonly after: readonly pulumi.Resource[];
    /** Who releases it: this program, or the kit, which takes the values from a ConfigMap. */
    readonly owner: ReleaseOwner;
    /** How the platform is reached. */
    readonly wayIn: PlatformWayIn;
    /** Name of the pull Secret; undefined where images are pulled without one. */
    readonly pullSecret?: string;
}

/** catalyst-platform in the cluster: the mail credentials that it finds there, and its release. */
export class Platform extends pulumi.ComponentResource {
    /** Status of the release as Helm has it; `kit` where the kit owns it. */
    readonly releaseStatus: pulumi.Output<string>;
    /** What others wait for. */
    readonly resources: readonly pulumi.Resource[];
    /** `namespace/name` of the Secret with the submission credentials. */
    readonly smtpSecretRef: pulumi.Output<string>;

    constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:platform:Platform", name, { fqdn: args.fqdn }, opts);
        const smtpData = smtpFiles(args.credentials);
        const smtp = this.createSmtpSecret(name, args, smtpData);
        const values = this.values(args, smtpData);
        if (args.owner === "kit") {
            const { fqdn, cluster, after } = args;
            const kit = { fqdn, cluster, after, release: "bp-catalyst-platform", values };
            this.resources = [smtp, createKitValues(`${name}-kit-values`, kit, this)];
            this.releaseStatus = pulumi.output("kit");
        } else {
            const release = this.createRelease(name, args, values, smtp);
            this.resources = [release];
            this.releaseStatus = release.status.status;
        }
        this.smtpSecretRef = pulumi.interpolate`${args.namespace}/${smtp.metadata.name}`;
        this.registerOutputs({
            smtpSecretRef: this.smtpSecretRef,
            status: this.releaseStatus,
        });
    }

    private createSmtpSecret(
        name: string,
        args: PlatformArgs,
        data: pulumi.Output<Record<string, string>>,
    ): kubernetes.core.v1.Secret {
        return new kubernetes.core.v1.Secret(
            `${name}-smtp`,
            {
                metadata: {
                    name: SMTP_SECRET,
                    namespace: args.namespace,
                    labels: clusterLabels(args.fqdn),
                    annotations: TAKE_OVER,
                },
                type: "Opaque",
                stringData: data,
            },
            { ...inCluster(args.cluster, this), dependsOn: [...args.after] },
        );
    }

    private values(args: PlatformArgs, smtpData: pulumi.Output<Record<string, string>>) {
        const { host, port, user } = args.credentials;
        return platformValues({
            fqdn: args.fqdn,
            values: args.platform.values,
            smtp: { host, port, from: user },
            // Not secret: 40 random characters went into it.
            smtpDigest: pulumi.unsecret(smtpData.apply(filesDigest)),
            ...(args.pullSecret !== undefined && { pullSecret: args.pullSecret }),
            wayIn: args.wayIn,
        });
    }

    private createRelease(
        name: string,
        args: PlatformArgs,
        values: Record<string, unknown>,
        smtp: kubernetes.core.v1.Secret,
    ): kubernetes.helm.v3.Release {
        const { chart, chartVersion } = args.platform;
        return new kubernetes.helm.v3.Release(
            `${name}-release`,
            {
                name: "catalyst-platform",
                namespace: args.namespace,
                chart,
                ...(chartVersion !== undefined && { version: chartVersion }),
                values,
                timeout: RELEASE_TIMEOUT,
                maxHistory: RELEASE_HISTORY,
            },
            {
                ...inCluster(args.cluster, this),
                dependsOn: [...args.after, ...args.chartPin, smtp],
                // Handed to the kit, it leaves the program and stays in the cluster.
                retainOnDelete: true,
            },
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
