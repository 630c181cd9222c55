import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { hetznerLabels, resourceName } from "../names.ts";

export interface PrivateNetworkArgs {
    readonly fqdn: string;
    /** Range of the whole network, for example `10.0.0.0/16`. */
    readonly networkCidr: string;
    readonly nodesCidr: string;
    readonly loadBalancerCidr: string;
    /** Network zone of the chosen location, for example `eu-central`. */
    readonly networkZone: pulumi.Input<string>;
    readonly protect: boolean;
}

/** The Sovereign's private network, with one subnet for nodes and one for the load balancer. */
export class PrivateNetwork extends pulumi.ComponentResource {
    readonly networkId: pulumi.Output<number>;
    /** Id of the nodes' subnet, `<network id>-<range>`. */
    readonly nodesSubnetId: pulumi.Output<string>;
    readonly loadBalancerSubnetId: pulumi.Output<string>;

    constructor(name: string, args: PrivateNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:cloud:PrivateNetwork", name, { fqdn: args.fqdn }, opts);
        const network = new hcloud.Network(
            `${name}-network`,
            {
                name: resourceName(args.fqdn, "net"),
                ipRange: args.networkCidr,
                deleteProtection: args.protect,
                labels: hetznerLabels(args.fqdn),
            },
            // The name is unique per project, so two of it cannot stand side by side.
            { parent: this, protect: args.protect, deleteBeforeReplace: true },
        );
        this.networkId = network.id.apply(Number);
        const nodes = this.subnet(name, "nodes", args.nodesCidr, args, []);
        // One after the other: Hetzner locks a network while one of its subnets is being added.
        const lb = this.subnet(name, "load-balancer", args.loadBalancerCidr, args, [nodes]);
        this.nodesSubnetId = nodes.id;
        this.loadBalancerSubnetId = lb.id;
        this.registerOutputs({ networkId: this.networkId });
    }

    private subnet(
        name: string,
        role: string,
        ipRange: string,
        args: PrivateNetworkArgs,
        dependsOn: pulumi.Resource[],
    ): hcloud.NetworkSubnet {
        return new hcloud.NetworkSubnet(
            `${name}-${role}-subnet`,
            {
                networkId: this.networkId,
                type: "cloud",
                networkZone: args.networkZone,
                ipRange,
            },
            // The range of a replaced subnet would overlap with its successor's.
            { parent: this, deleteBeforeReplace: true, dependsOn },
        );
    }
}
