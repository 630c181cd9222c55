import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { clusterLabels, inCluster } from "../cluster/inCluster.ts";
import type { ClusterAccess } from "../cluster/inCluster.ts";
import { TAKE_OVER } from "./fieldOwnership.ts";
import { NAMESPACE_SPECS, podSecurityLabels } from "./namespaceSpecs.ts";
import type { NamespaceSpec } from "./namespaceSpecs.ts";

/** Key of a namespace that the program makes. */
export type NamespaceKey = keyof typeof NAMESPACE_SPECS;

export interface NamespacesArgs {
    readonly fqdn: string;
    readonly cluster: ClusterAccess;
    readonly after: readonly pulumi.Resource[];
    /** URN that a namespace had before, by key. */
    readonly formerUrns: Readonly<Record<NamespaceKey, pulumi.Input<string>>>;
}

/** The namespaces of the releases, each with its pod security level, and closed but for what its policies name. */
export class Namespaces extends pulumi.ComponentResource {
    /** Names, by key. */
    readonly names: Readonly<Record<NamespaceKey, pulumi.Output<string>>>;
    readonly resources: readonly pulumi.Resource[];

    constructor(name: string, args: NamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:bootstrap:Namespaces", name, { fqdn: args.fqdn }, opts);
        const made = {
            platform: this.create(name, "platform", args),
            mail: this.create(name, "mail", args),
        };
        this.resources = Object.values(made).flatMap((resources) => [...resources]);
        this.names = {
            platform: made.platform[0].metadata.name,
            mail: made.mail[0].metadata.name,
        };
        this.registerOutputs({ names: this.names });
    }

    private create(
        name: string,
        key: NamespaceKey,
        args: NamespacesArgs,
    ): [kubernetes.core.v1.Namespace, ...kubernetes.networking.v1.NetworkPolicy[]] {
        const spec: NamespaceSpec = NAMESPACE_SPECS[key];
        const labels = clusterLabels(args.fqdn);
        const namespace = new kubernetes.core.v1.Namespace(
            `${name}-${key}`,
            {
                metadata: {
                    name: spec.name,
                    labels: { ...labels, ...podSecurityLabels(spec) },
                    annotations: TAKE_OVER,
                },
            },
            {
                ...inCluster(args.cluster, this),
                dependsOn: [...args.after],
                aliases: [args.formerUrns[key]],
            },
        );
        const policies = Object.entries(spec.policies).map(
            ([policy, policySpec]) =>
                new kubernetes.networking.v1.NetworkPolicy(
                    `${name}-${key}-${policy}`,
                    {
                        metadata: { name: policy, namespace: namespace.metadata.name, labels },
                        spec: policySpec,
                    },
                    inCluster(args.cluster, this),
                ),
        );
        return [namespace, ...policies];
    }
}
