import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { clusterLabels, inCluster } from "../cluster/inCluster.ts";
import type { ClusterAccess } from "../cluster/inCluster.ts";
import { TAKE_OVER } from "./fieldOwnership.ts";
import { CROSSPLANE } from "./fluxSpecs.ts";

export interface CrossplaneCredentialsArgs {
    readonly fqdn: string;
    readonly cluster: ClusterAccess;
    /** Secret. */
    readonly hcloudToken: pulumi.Output<string>;
    readonly after: readonly pulumi.Resource[];
}

/** The token of the Hetzner project where the kit's Crossplane looks for it, before the kit: nothing else in the cluster has it. */
export class CrossplaneCredentials extends pulumi.ComponentResource {
    readonly resources: readonly pulumi.Resource[];

    constructor(
        name: string,
        args: CrossplaneCredentialsArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("sovereign:bootstrap:CrossplaneCredentials", name, { fqdn: args.fqdn }, opts);
        const labels = clusterLabels(args.fqdn);
        const namespace = new kubernetes.core.v1.Namespace(
            `${name}-namespace`,
            {
                metadata: {
                    name: CROSSPLANE.namespace,
                    // Its pods are the kit's, so that a profile tells of those that break it, and stops none.
                    labels: {
                        ...labels,
                        "pod-security.kubernetes.io/warn": "baseline",
                        "pod-security.kubernetes.io/audit": "baseline",
                    },
                    annotations: TAKE_OVER,
                },
            },
            {
                ...inCluster(args.cluster, this),
                dependsOn: [...args.after],
                // What the kit runs in it stays when the program has no kit any more.
                retainOnDelete: true,
            },
        );
        const secret = new kubernetes.core.v1.Secret(
            `${name}-token`,
            {
                metadata: {
                    name: CROSSPLANE.secret,
                    namespace: namespace.metadata.name,
                    labels,
                    annotations: TAKE_OVER,
                },
                type: "Opaque",
                stringData: pulumi.secret(
                    args.hcloudToken.apply((token): Record<string, string> => ({ token })),
                ),
            },
            inCluster(args.cluster, this),
        );
        this.resources = [secret];
        this.registerOutputs({});
    }
}
