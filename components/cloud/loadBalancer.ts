import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import { hetznerLabels, resourceName } from "../names.ts";
import { HEALTH_CHECK } from "./loadBalancerServices.ts";
import type { LoadBalancerServiceSpec } from "./loadBalancerServices.ts";

export interface LoadBalancerArgs {
    readonly fqdn: string;
    /** For example `lb11`. */
    readonly type: string;
    readonly location: pulumi.Input<string>;
    readonly subnetId: pulumi.Input<string>;
    /** Fixed address in the subnet. */
    readonly privateIp: string;
    readonly services: readonly LoadBalancerServiceSpec[];
    /** Name that its addresses resolve back to. */
    readonly ptrName: string;
    readonly ptrIpv6: boolean;
    readonly protect: boolean;
}

/** The load balancer in front of the nodes. It stands before them, because its addresses go into their certificates. */
export class LoadBalancer extends pulumi.ComponentResource {
    readonly loadBalancerId: pulumi.Output<number>;
    readonly ipv4: pulumi.Output<string>;
    readonly ipv6: pulumi.Output<string>;
    /** Its place in the private network. Targets over private addresses need it first. */
    readonly attachment: hcloud.LoadBalancerNetwork;

    constructor(name: string, args: LoadBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:cloud:LoadBalancer", name, { fqdn: args.fqdn }, opts);
        const balancer = new hcloud.LoadBalancer(
            `${name}-balancer`,
            {
                name: resourceName(args.fqdn, "lb"),
                loadBalancerType: args.type,
                location: args.location,
                algorithm: { type: "round_robin" },
                deleteProtection: args.protect,
                labels: hetznerLabels(args.fqdn),
            },
            // The name is unique per project, so two of it cannot stand side by side.
            { parent: this, protect: args.protect, deleteBeforeReplace: true },
        );
        this.loadBalancerId = balancer.id.apply(Number);
        this.ipv4 = balancer.ipv4;
        this.ipv6 = balancer.ipv6;
        this.attachment = this.attach(name, args);
        this.ptr(name, "ipv4", this.ipv4, args.ptrName);
        if (args.ptrIpv6) this.ptr(name, "ipv6", this.ipv6, args.ptrName);
        for (const service of args.services) this.service(name, balancer, service);
        this.registerOutputs({ ipv4: this.ipv4, ipv6: this.ipv6 });
    }

    private attach(name: string, args: LoadBalancerArgs): hcloud.LoadBalancerNetwork {
        return new hcloud.LoadBalancerNetwork(
            `${name}-attachment`,
            {
                loadBalancerId: this.loadBalancerId,
                subnetId: args.subnetId,
                ip: args.privateIp,
                enablePublicInterface: true,
            },
            // A load balancer is in one network at most, and the address is fixed.
            { parent: this, deleteBeforeReplace: true },
        );
    }

    private ptr(
        name: string,
        family: "ipv4" | "ipv6",
        ipAddress: pulumi.Output<string>,
        dnsPtr: string,
    ): void {
        new hcloud.Rdns(
            `${name}-${family}-ptr`,
            { loadBalancerId: this.loadBalancerId, ipAddress, dnsPtr },
            // Created first, the new PTR would be reset when the old one of the same address goes.
            { parent: this, deleteBeforeReplace: true },
        );
    }

    private service(
        name: string,
        balancer: hcloud.LoadBalancer,
        service: LoadBalancerServiceSpec,
    ): void {
        new hcloud.LoadBalancerService(
            `${name}-${service.name}`,
            {
                loadBalancerId: balancer.id,
                protocol: "tcp",
                listenPort: service.listen,
                destinationPort: service.node,
                proxyprotocol: service.proxyProtocol,
                healthCheck: { protocol: "tcp", port: service.node, ...HEALTH_CHECK },
            },
            // A listen port is unique per load balancer.
            { parent: this, deleteBeforeReplace: true },
        );
    }
}
