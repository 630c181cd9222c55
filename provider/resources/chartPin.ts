import * as pulumi from "@pulumi/pulumi";

export interface ChartPinArgs {
    /** The chart, `oci://<host>[:<port>]/<path>`. Replaces on change. */
    readonly chart: string;
    readonly version: string;
    /** Digest that the manifest of this version has to have: `sha256:<64 hex digits>`. */
    readonly digest: string;
    /** Configuration key that pins it, for what to do. */
    readonly configKey: string;
    /** Login at the chart's own registry, and at no other; asks as anybody unless given. */
    readonly login?: {
        readonly username: string;
        /** Secret. */
        readonly token: pulumi.Input<string>;
    };
}

/**
 * Refuses, in preview and update, a chart whose version has another digest at its registry than the one given. Releases depend on it. Writes
 * nothing.
 */
export class ChartPin extends pulumi.CustomResource {
    constructor(name: string, args: ChartPinArgs, opts?: pulumi.CustomResourceOptions) {
        const { login, ...rest } = args;
        super(
            "sovereign:charts:ChartPin",
            name,
            {
                ...rest,
                ...(login && { username: login.username, token: pulumi.secret(login.token) }),
            },
            opts,
        );
    }
}
