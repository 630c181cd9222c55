import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { CloudConfig, NodeConfig } from "../../config/model.ts";
import { Placement } from "../../provider/resources/cluster.ts";
import type { Provider } from "../../provider/resources/provider.ts";
import { hetznerLabels, hostNames, resourceName } from "../names.ts";
import type { PortName } from "../ports.ts";
import { firewallRules } from "./firewallRules.ts";
import { LoadBalancer } from "./loadBalancer.ts";
import { loadBalancerProblems, loadBalancerServices } from "./loadBalancerServices.ts";
import type { MailPortName, WayIn } from "./loadBalancerServices.ts";
import { NodeAddresses } from "./nodeAddresses.ts";
import { placementGroupOf } from "./placementGroups.ts";
import { PrivateNetwork } from "./privateNetwork.ts";
import { sshKeysById } from "./sshKeys.ts";

/** What mail asks of the cloud. All values are plain: they decide which resources exist. */
export interface CloudMailArgs {
    /** Mail services of the load balancer. Inbound mail comes through it: `["smtp"]`, and with public submission two more. */
    readonly loadBalancerPorts: readonly MailPortName[];
    /** Ports that the nodes accept from the internet past the load balancer. @default [] */
    readonly nodePorts?: readonly PortName[];
    /** Keys of the nodes that mail leaves from; their addresses resolve back to `mail.<fqdn>`. */
    readonly egressNodes: readonly string[];
    /** Whether mail leaves over IPv6 too, so that those addresses need the PTR. */
    readonly ipv6: boolean;
}

export interface CloudArgs {
    readonly fqdn: string;
    readonly cloud: CloudConfig;
    readonly nodes: readonly NodeConfig[];
    readonly mail: CloudMailArgs;
    /** What answers on 80 and 443. @default "ingress" */
    readonly wayIn?: WayIn;
    /** The `sovereign` provider, for the placement. */
    readonly provider: Provider;
}

/** Where a node's server goes and what it is reached by. */
export interface CloudNode {
    readonly ipv4: pulumi.Output<string>;
    /** Hetzner id of the primary IPv4. */
    readonly ipv4Id: pulumi.Output<number>;
    /** `…::1` of the node's /64; undefined without IPv6. */
    readonly ipv6: pulumi.Output<string> | undefined;
    readonly ipv6Id: pulumi.Output<number> | undefined;
    readonly placementGroupId: pulumi.Output<number>;
}

/** A public address and the name that it resolves back to. */
export interface PtrRecord {
    readonly ip: pulumi.Output<string>;
    readonly name: string;
}

/** Everything at Hetzner that stands before the servers: network, firewall, addresses with PTR, load balancer. */
export class Cloud extends pulumi.ComponentResource {
    /** The location and the server types that were chosen. */
    readonly placement: Placement;
    readonly networkId: pulumi.Output<number>;
    readonly nodesSubnetId: pulumi.Output<string>;
    readonly firewallId: pulumi.Output<number>;
    /** Ids of the SSH keys, as the server takes them. */
    readonly sshKeyIds: readonly pulumi.Output<string>[];
    readonly loadBalancer: LoadBalancer;
    /** By node key. */
    readonly nodes: ReadonlyMap<string, CloudNode>;
    readonly ptrRecords: readonly PtrRecord[];

    constructor(name: string, args: CloudArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:cloud:Cloud", name, { fqdn: args.fqdn }, opts);
        const services = loadBalancerServices(
            args.cloud.apiExposure,
            args.mail.loadBalancerPorts,
            args.wayIn,
        );
        refuse(loadBalancerProblems(args.cloud.loadBalancerType, services, args.nodes.length));

        this.placement = this.choosePlacement(name, args);
        const network = new PrivateNetwork(
            `${name}-private`,
            { ...args.cloud, fqdn: args.fqdn, networkZone: this.placement.networkZone },
            { parent: this },
        );
        this.networkId = network.networkId;
        this.nodesSubnetId = network.nodesSubnetId;
        this.sshKeyIds = this.createSshKeys(name, args);
        this.firewallId = this.createFirewall(name, args);
        const groups = this.createPlacementGroups(name, args);
        this.nodes = new Map(
            args.nodes.map((node) => [node.key, this.createNode(name, args, node, groups)]),
        );
        this.loadBalancer = new LoadBalancer(
            `${name}-lb`,
            {
                fqdn: args.fqdn,
                type: args.cloud.loadBalancerType,
                location: this.placement.location,
                subnetId: network.loadBalancerSubnetId,
                privateIp: args.cloud.loadBalancerIp,
                services,
                ptrName: hostNames(args.fqdn).mx,
                ptrIpv6: args.cloud.ipv6,
                protect: args.cloud.protect,
            },
            { parent: this },
        );
        this.ptrRecords = this.listPtrRecords(args);
        this.registerOutputs({
            location: this.placement.location,
            networkId: this.networkId,
            firewallId: this.firewallId,
            loadBalancerId: this.loadBalancer.loadBalancerId,
            loadBalancerIpv4: this.loadBalancer.ipv4,
        });
    }

    private choosePlacement(name: string, args: CloudArgs): Placement {
        return new Placement(
            `${name}-placement`,
            {
                locations: [...args.cloud.locations],
                controlPlaneTypes: [...args.cloud.controlPlaneTypes],
                workerTypes: args.nodes.some((n) => n.role === "worker")
                    ? [...args.cloud.workerTypes]
                    : [],
            },
            { parent: this, provider: args.provider },
        );
    }

    private createSshKeys(name: string, args: CloudArgs): pulumi.Output<string>[] {
        return [...sshKeysById(args.cloud.sshPublicKeys)].map(
            ([id, publicKey]) =>
                new hcloud.SshKey(
                    `${name}-ssh-${id}`,
                    {
                        name: resourceName(args.fqdn, `ssh-${id}`),
                        publicKey,
                        labels: hetznerLabels(args.fqdn),
                    },
                    // Hetzner takes a key only once per project.
                    { parent: this, deleteBeforeReplace: true },
                ).id,
        );
    }

    private createFirewall(name: string, args: CloudArgs): pulumi.Output<number> {
        const { apiExposure, apiAllowedCidrs, sshAllowedCidrs } = args.cloud;
        return new hcloud.Firewall(
            `${name}-firewall`,
            {
                name: resourceName(args.fqdn, "fw"),
                rules: firewallRules({
                    sshAllowedCidrs,
                    apiAllowedCidrs: apiExposure === "nodes" ? apiAllowedCidrs : [],
                    publicPorts: args.mail.nodePorts ?? [],
                }),
                labels: hetznerLabels(args.fqdn),
            },
            { parent: this },
        ).id.apply(Number);
    }

    private createPlacementGroups(
        name: string,
        args: CloudArgs,
    ): Map<string, pulumi.Output<number>> {
        const groups = new Set(args.nodes.map(placementGroupOf));
        return new Map(
            [...groups].map((group) => [
                group,
                new hcloud.PlacementGroup(
                    `${name}-${group}`,
                    {
                        name: resourceName(args.fqdn, group),
                        type: "spread",
                        labels: hetznerLabels(args.fqdn),
                    },
                    // The name is unique per project, so two of it cannot stand side by side.
                    { parent: this, deleteBeforeReplace: true },
                ).id.apply(Number),
            ]),
        );
    }

    private createNode(
        name: string,
        args: CloudArgs,
        node: NodeConfig,
        groups: ReadonlyMap<string, pulumi.Output<number>>,
    ): CloudNode {
        const group = placementGroupOf(node);
        const placementGroupId = groups.get(group);
        if (!placementGroupId) throw new Error(`placement group ${group} has not been created`);
        const { ipv4, ipv4Id, ipv6, ipv6Id } = new NodeAddresses(
            `${name}-${node.key}`,
            {
                fqdn: args.fqdn,
                key: node.key,
                location: this.placement.location,
                ipv6: args.cloud.ipv6,
                ...(args.mail.egressNodes.includes(node.key) && {
                    ptrName: hostNames(args.fqdn).mail,
                }),
                ptrIpv6: args.mail.ipv6,
                protect: args.cloud.protect,
            },
            { parent: this },
        );
        return { ipv4, ipv4Id, ipv6, ipv6Id, placementGroupId };
    }

    private listPtrRecords(args: CloudArgs): PtrRecord[] {
        const { mail, mx } = hostNames(args.fqdn);
        const egress = args.nodes
            .filter((node) => args.mail.egressNodes.includes(node.key))
            .flatMap((node) => {
                const addresses = this.nodes.get(node.key);
                if (!addresses) return [];
                const { ipv4, ipv6 } = addresses;
                return ipv6 && args.mail.ipv6 ? [ipv4, ipv6] : [ipv4];
            });
        return [
            ...egress.map((ip) => ({ ip, name: mail })),
            { ip: this.loadBalancer.ipv4, name: mx },
            ...(args.cloud.ipv6 ? [{ ip: this.loadBalancer.ipv6, name: mx }] : []),
        ];
    }
}

function refuse(problems: readonly string[]): void {
    if (problems.length > 0)
        throw new pulumi.RunError(
            `The load balancer is too small: ${problems.join("; ")}. Set the type with: pulumi config set loadBalancerType <type>`,
        );
}
