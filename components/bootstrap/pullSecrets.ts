import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { clusterLabels, inCluster } from "../cluster/inCluster.ts";
import type { ClusterAccess } from "../cluster/inCluster.ts";
import { dockerConfigJson, PULL_SECRET } from "../platform/pullSecret.ts";
import { TAKE_OVER } from "./fieldOwnership.ts";

export interface PullSecretsArgs {
    readonly fqdn: string;
    readonly cluster: ClusterAccess;
    /** Names of the namespaces that pull, by key. */
    readonly namespaces: Readonly<Record<string, pulumi.Output<string>>>;
    readonly after: readonly pulumi.Resource[];
    readonly registry: string;
    readonly username: string;
    /** Secret. */
    readonly token: pulumi.Output<string>;
    /** URN that a Secret had before, by key of its namespace. */
    readonly formerUrns: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Credentials for the image registry, one Secret in each namespace that pulls from it: pods see those of their own only. */
export class PullSecrets extends pulumi.ComponentResource {
    readonly resources: readonly pulumi.Resource[];

    constructor(name: string, args: PullSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:bootstrap:PullSecrets", name, { fqdn: args.fqdn }, opts);
        const data = pulumi.secret(
            args.token.apply((token): Record<string, string> => ({
                ".dockerconfigjson": dockerConfigJson(args.registry, args.username, token),
            })),
        );
        this.resources = Object.entries(args.namespaces).map(([key, namespace]) => {
            const former = args.formerUrns[key];
            return new kubernetes.core.v1.Secret(
                `${name}-${key}`,
                {
                    metadata: {
                        name: PULL_SECRET,
                        namespace,
                        labels: clusterLabels(args.fqdn),
                        annotations: TAKE_OVER,
                    },
                    type: "kubernetes.io/dockerconfigjson",
                    stringData: data,
                },
                {
                    ...inCluster(args.cluster, this),
                    dependsOn: [...args.after],
                    ...(former !== undefined && { aliases: [former] }),
                },
            );
        });
        this.registerOutputs({});
    }
}
