import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { clusterLabels, inCluster } from "../cluster/inCluster.ts";
import type { ClusterAccess } from "../cluster/inCluster.ts";
import { TAKE_OVER } from "./fieldOwnership.ts";
import { FLUX_NAMESPACE } from "./fluxSpecs.ts";

export interface KitValuesArgs {
    readonly fqdn: string;
    readonly cluster: ClusterAccess;
    /** Name of the kit's release. */
    readonly release: string;
    /** Its values; they hold no secret. */
    readonly values: pulumi.Input<object>;
    readonly after: readonly pulumi.Resource[];
}

/** Name of the ConfigMap with the values of a release of the kit. */
export function kitValuesName(release: string): string {
    return `${release}-values`;
}

/**
 * Values of a release that the kit owns: its slot is shared by all Sovereigns and takes from here what is this one's. Flux upgrades the
 * release at once when they change (https://fluxcd.io/flux/components/helm/helmreleases/#reacting-to-changes).
 */
export function createKitValues(
    name: string,
    args: KitValuesArgs,
    parent: pulumi.Resource,
): kubernetes.core.v1.ConfigMap {
    return new kubernetes.core.v1.ConfigMap(
        name,
        {
            metadata: {
                name: kitValuesName(args.release),
                namespace: FLUX_NAMESPACE,
                labels: {
                    ...clusterLabels(args.fqdn),
                    "reconcile.fluxcd.io/watch": "Enabled",
                },
                annotations: TAKE_OVER,
            },
            data: {
                "values.yaml": pulumi.output(args.values).apply((values) => stringify(values)),
            },
        },
        {
            ...inCluster(args.cluster, parent),
            dependsOn: [...args.after],
            // A suspended release of the kit still refers to them.
            retainOnDelete: true,
        },
    );
}
