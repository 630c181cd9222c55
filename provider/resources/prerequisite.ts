import * as pulumi from "@pulumi/pulumi";

/** What the gate looks for in the cluster. */
export type PrerequisiteRequirement =
    /** A StorageClass that claims without one of their own get. */
    | { readonly kind: "default-storage-class" }
    /** An object, with a condition of its status that has to be true. */
    | {
          readonly kind: "object";
          /** For example `gateway.networking.k8s.io/v1`. */
          readonly apiVersion: string;
          /** Plural of its kind, as the API's paths have it. */
          readonly plural: string;
          /** None for objects of the whole cluster. */
          readonly namespace?: string | undefined;
          readonly name: string;
          /** Type of the condition. */
          readonly condition?: string | undefined;
          /** Every listener of its status has to have all that it refers to, as a Gateway's. @default false */
          readonly listeners?: boolean;
      };

/** A prerequisite, as the gate behind it knows it. */
export interface RequiredPrerequisite {
    readonly name: string;
    readonly requires: readonly PrerequisiteRequirement[];
    /** What to do where it is missing. */
    readonly remedy: string;
    /** Seconds after which it will not come by itself any more. */
    readonly patienceSeconds: number;
}

export interface PrerequisiteReadyArgs {
    /** Admin kubeconfig; secret. */
    readonly kubeconfig: pulumi.Input<string>;
    readonly prerequisite: RequiredPrerequisite;
}

/**
 * Gate behind a prerequisite: waits until it is there and works. What is missing is named with its remedy, where whatever comes next would
 * say that it timed out.
 */
export class PrerequisiteReady extends pulumi.CustomResource {
    constructor(name: string, args: PrerequisiteReadyArgs, opts?: pulumi.CustomResourceOptions) {
        super(
            "sovereign:cluster:PrerequisiteReady",
            name,
            { kubeconfig: pulumi.secret(args.kubeconfig), ...args.prerequisite },
            opts,
        );
    }
}
