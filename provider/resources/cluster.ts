import * as pulumi from "@pulumi/pulumi";

export interface PlacementArgs {
    /** Ordered candidates of Hetzner locations, for example `["fsn1", "nbg1"]`. */
    readonly locations: pulumi.Input<pulumi.Input<string>[]>;
    /** Ordered candidates of server types for control planes. */
    readonly controlPlaneTypes: pulumi.Input<pulumi.Input<string>[]>;
    /** Ordered candidates for workers. Empty where there are none. */
    readonly workerTypes: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * Chooses, once, the first location where a candidate type of each role can be ordered, and keeps that choice until the
 * candidates change and no longer contain it. Reads Hetzner's `/server_types` and `/locations`; writes nothing.
 */
export class Placement extends pulumi.CustomResource {
    declare readonly location: pulumi.Output<string>;
    declare readonly networkZone: pulumi.Output<string>;
    declare readonly controlPlaneType: pulumi.Output<string>;
    /** Empty where there are no workers. */
    declare readonly workerType: pulumi.Output<string>;
    /** `x86` or `arm`, of the control plane type. */
    declare readonly architecture: pulumi.Output<string>;

    constructor(name: string, args: PlacementArgs, opts?: pulumi.CustomResourceOptions) {
        super(
            "sovereign:cloud:Placement",
            name,
            {
                ...args,
                location: undefined,
                networkZone: undefined,
                controlPlaneType: undefined,
                workerType: undefined,
                architecture: undefined,
            },
            opts,
        );
    }
}

export interface NodeArgs {
    /** Kubernetes node name, equal to the server's name. Replaces on change. */
    readonly name: pulumi.Input<string>;
    /** Hetzner id of the server. Replaces on change: the node is drained and deleted before its server goes. */
    readonly serverId: pulumi.Input<string>;
    readonly role: pulumi.Input<"control-plane" | "worker">;
    /** How many control planes the Sovereign has. Replacing the only one within an epoch is refused. */
    readonly controlPlanes: pulumi.Input<number>;
    /** `cluster.epoch`. */
    readonly epoch: pulumi.Input<number>;
    /** Admin kubeconfig; secret. A change (renewed certificate) updates without touching the node. */
    readonly kubeconfig: pulumi.Input<string>;
    /** Seconds to wait for Ready. @default 900 */
    readonly timeoutSeconds?: pulumi.Input<number>;
}

/**
 * A server's life as a cluster node. Create waits until the node is Ready; delete cordons, drains and deletes the Node
 * object, which also removes the etcd member of a control plane. An API that no longer answers does not stop a delete.
 */
export class Node extends pulumi.CustomResource {
    /** UID of the Node object. */
    declare readonly uid: pulumi.Output<string>;

    constructor(name: string, args: NodeArgs, opts?: pulumi.CustomResourceOptions) {
        super(
            "sovereign:cluster:Node",
            name,
            { ...args, kubeconfig: pulumi.secret(args.kubeconfig), uid: undefined },
            opts,
        );
    }
}

export interface ApiReadyArgs {
    /** Admin kubeconfig; secret. */
    readonly kubeconfig: pulumi.Input<string>;
    /** `cluster.epoch`. Replaces on change: a new epoch is a new cluster. */
    readonly epoch: pulumi.Input<number>;
    /** CRDs that must be served, `<plural>.<group>`. @default [] */
    readonly requiredCrds?: pulumi.Input<pulumi.Input<string>[]>;
    /** Seconds to wait. @default 900 */
    readonly timeoutSeconds?: pulumi.Input<number>;
}

/**
 * Gate in front of everything in the cluster: `/readyz` under our CA, the admin group allowed everything
 * (SelfSubjectAccessReview), the default ServiceAccount there, a node Ready, the required CRDs served. Keeps the UID of
 * `kube-system` and refuses another cluster within the same epoch.
 */
export class ApiReady extends pulumi.CustomResource {
    /** UID of the namespace `kube-system`: the cluster's identity. */
    declare readonly clusterUid: pulumi.Output<string>;
    /** Server version, for example `v1.36.1+k3s1`. */
    declare readonly version: pulumi.Output<string>;

    constructor(name: string, args: ApiReadyArgs, opts?: pulumi.CustomResourceOptions) {
        super(
            "sovereign:cluster:ApiReady",
            name,
            {
                ...args,
                kubeconfig: pulumi.secret(args.kubeconfig),
                clusterUid: undefined,
                version: undefined,
            },
            opts,
        );
    }
}
