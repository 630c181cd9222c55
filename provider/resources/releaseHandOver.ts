import * as pulumi from "@pulumi/pulumi";

export interface ReleaseHandOverArgs {
    /** Admin kubeconfig; secret. */
    readonly kubeconfig: pulumi.Input<string>;
    /** Namespace of the release. Replaces on change. */
    readonly namespace: pulumi.Input<string>;
    /** Name of the release. Replaces on change. */
    readonly release: pulumi.Input<string>;
    /**
     * Takes a release over that no HelmRelease claims: one that this program left behind when it had no use for it. Only where the release
     * came into the program together with this resource.
     *
     * @default false
     */
    readonly takesAbandoned?: pulumi.Input<boolean>;
}

/**
 * Takes a Helm release over from Flux before this program installs it: suspends the HelmRelease and removes Helm's records of the release,
 * so that an install adopts its objects instead of refusing the name. No object of the release is touched. Its delete gives the
 * release back: the HelmRelease is resumed.
 */
export class ReleaseHandOver extends pulumi.CustomResource {
    /** `namespace/name` of the HelmRelease that it was taken from; empty where there was none. */
    declare readonly takenFrom: pulumi.Output<string>;

    constructor(name: string, args: ReleaseHandOverArgs, opts?: pulumi.CustomResourceOptions) {
        super(
            "sovereign:cluster:ReleaseHandOver",
            name,
            { ...args, kubeconfig: pulumi.secret(args.kubeconfig), takenFrom: undefined },
            opts,
        );
    }
}
