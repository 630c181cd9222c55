import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import ipaddr from "ipaddr.js";
import { hetznerLabels, resourceName } from "../names.ts";

export interface NodeAddressesArgs {
    readonly fqdn: string;
    /** Short name of the node: `cp1`, `w1`, …. */
    readonly key: string;
    readonly location: pulumi.Input<string>;
    /** Whether the node gets an IPv6 address too. */
    readonly ipv6: boolean;
    /** Name that the addresses resolve back to; Hetzner's own name stays where it is absent. */
    readonly ptrName?: string;
    /** Whether the IPv6 address gets the PTR too. */
    readonly ptrIpv6: boolean;
    readonly protect: boolean;
}

/**
 * Public addresses of a node, which outlive its server: mail's reputation hangs on them. The PTR is bound to the address,
 * not to the server, for the same reason.
 */
export class NodeAddresses extends pulumi.ComponentResource {
    readonly ipv4: pulumi.Output<string>;
    readonly ipv4Id: pulumi.Output<number>;
    /** The first address of the node's /64, which the guest uses; undefined without IPv6. */
    readonly ipv6: pulumi.Output<string> | undefined;
    readonly ipv6Id: pulumi.Output<number> | undefined;

    constructor(name: string, args: NodeAddressesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:cloud:NodeAddresses", name, { fqdn: args.fqdn, key: args.key }, opts);
        const v4 = this.primaryIp(name, "ipv4", args);
        this.ipv4 = v4.ipAddress;
        this.ipv4Id = v4.id.apply(Number);
        if (args.ptrName !== undefined) this.ptr(name, "ipv4", v4, this.ipv4, args.ptrName);
        if (args.ipv6) {
            const v6 = this.primaryIp(name, "ipv6", args);
            this.ipv6 = v6.ipNetwork.apply(firstHostAddress);
            this.ipv6Id = v6.id.apply(Number);
            if (args.ptrName !== undefined && args.ptrIpv6)
                this.ptr(name, "ipv6", v6, this.ipv6, args.ptrName);
        }
        this.registerOutputs({ ipv4: this.ipv4, ipv6: this.ipv6 });
    }

    private primaryIp(name: string, type: "ipv4" | "ipv6", args: NodeAddressesArgs) {
        return new hcloud.PrimaryIp(
            `${name}-${type}`,
            {
                name: resourceName(args.fqdn, `${args.key}-${type}`),
                type,
                location: args.location,
                autoDelete: false,
                deleteProtection: args.protect,
                labels: hetznerLabels(args.fqdn),
            },
            // The name is unique per project, so two of it cannot stand side by side.
            { parent: this, protect: args.protect, deleteBeforeReplace: true },
        );
    }

    private ptr(
        name: string,
        type: "ipv4" | "ipv6",
        ip: hcloud.PrimaryIp,
        ipAddress: pulumi.Output<string>,
        dnsPtr: string,
    ): void {
        new hcloud.Rdns(
            `${name}-${type}-ptr`,
            { primaryIpId: ip.id.apply(Number), ipAddress, dnsPtr },
            // Created first, the new PTR would be reset when the old one of the same address goes.
            { parent: this, deleteBeforeReplace: true },
        );
    }
}

/**
 * First address inside an IPv6 network: `2001:db8::/64` → `2001:db8::1`. Hetzner's cloud-init data gives it to the guest.
 * Throws where `network` is not an IPv6 network in CIDR notation.
 */
export function firstHostAddress(network: string): string {
    const [address] = ipaddr.IPv6.parseCIDR(network);
    const bytes = address.toByteArray();
    bytes[15] = (bytes[15] ?? 0) | 1;
    return new ipaddr.IPv6(bytes).toString();
}
