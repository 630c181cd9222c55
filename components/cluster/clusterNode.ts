import * as hcloud from "@pulumi/hcloud";
import * as pulumi from "@pulumi/pulumi";
import type { NodeConfig } from "../../config/model.ts";
import { Node } from "../../provider/resources/cluster.ts";
import type { Provider } from "../../provider/resources/provider.ts";
import type { Cloud, CloudNode } from "../cloud/cloud.ts";
import { hetznerLabels, resourceName, NODE_LABEL, ROLE_LABEL } from "../names.ts";
import { replacementTrigger } from "./replacementTrigger.ts";

export interface ClusterNodeArgs {
    readonly fqdn: string;
    readonly node: NodeConfig;
    readonly epoch: number;
    /** How many control planes the cluster has. */
    readonly controlPlanes: number;
    readonly cloud: Cloud;
    readonly image: string;
    /** Secret. */
    readonly userData: pulumi.Output<string>;
    /** Secret. */
    readonly kubeconfig: pulumi.Output<string>;
    /** What must stand before this server: the node before it in the chain. */
    readonly after: readonly pulumi.Resource[];
    /** The `sovereign` provider, for the node's life in the cluster. */
    readonly provider: Provider;
}

/**
 * A server, its place behind the load balancer, and its life in the cluster, in this order. A raised generation or epoch
 * takes them down in reverse and builds them anew; nothing else does.
 */
export class ClusterNode extends pulumi.ComponentResource {
    readonly server: hcloud.Server;
    /** Ready: what comes after this node waits for it. */
    readonly node: Node;

    constructor(name: string, args: ClusterNodeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:cluster:ClusterNode", name, { key: args.node.key }, opts);
        this.server = this.createServer(name, args);
        const target = this.addTarget(name, args);
        this.node = this.joinCluster(name, args, target);
        this.registerOutputs({ serverId: this.server.id });
    }

    private createServer(name: string, args: ClusterNodeArgs): hcloud.Server {
        const { cloud, fqdn, node } = args;
        const place = cloudNode(cloud, node.key);
        const { controlPlaneType, workerType, location } = cloud.placement;
        return new hcloud.Server(
            `${name}-server`,
            {
                name: resourceName(fqdn, node.key),
                serverType: node.role === "control-plane" ? controlPlaneType : workerType,
                location,
                image: args.image,
                sshKeys: [...cloud.sshKeyIds],
                userData: args.userData,
                publicNets: [
                    {
                        ipv4Enabled: true,
                        ipv4: place.ipv4Id,
                        ipv6Enabled: place.ipv6Id !== undefined,
                        ...(place.ipv6Id && { ipv6: place.ipv6Id }),
                    },
                ],
                // Without aliasIps the provider detaches and attaches the network at every update.
                networks: [{ subnetId: cloud.nodesSubnetId, ip: node.privateIp, aliasIps: [] }],
                firewallIds: [cloud.firewallId],
                placementGroupId: place.placementGroupId,
                labels: {
                    ...hetznerLabels(fqdn),
                    [ROLE_LABEL]: node.role,
                    [NODE_LABEL]: node.key,
                },
            },
            {
                parent: this,
                dependsOn: [...args.after],
                // Name, private address and primary addresses can be taken once only.
                deleteBeforeReplace: true,
                replacementTrigger: replacementTrigger(args.epoch, node.generation),
                // Each of them would replace the server; a new generation takes up what has changed.
                ignoreChanges: ["userData", "image", "sshKeys"],
                additionalSecretOutputs: ["userData"],
            },
        );
    }

    private addTarget(name: string, args: ClusterNodeArgs): hcloud.LoadBalancerTarget {
        const { loadBalancer } = args.cloud;
        return new hcloud.LoadBalancerTarget(
            `${name}-target`,
            {
                type: "server",
                loadBalancerId: loadBalancer.loadBalancerId,
                serverId: this.server.id.apply(Number),
                usePrivateIp: true,
            },
            { parent: this, deleteBeforeReplace: true, dependsOn: [loadBalancer.attachment] },
        );
    }

    private joinCluster(
        name: string,
        args: ClusterNodeArgs,
        target: hcloud.LoadBalancerTarget,
    ): Node {
        return new Node(
            `${name}-node`,
            {
                name: resourceName(args.fqdn, args.node.key),
                serverId: this.server.id,
                role: args.node.role,
                controlPlanes: args.controlPlanes,
                epoch: args.epoch,
                kubeconfig: args.kubeconfig,
            },
            {
                parent: this,
                provider: args.provider,
                deleteBeforeReplace: true,
                dependsOn: [target],
            },
        );
    }
}

function cloudNode(cloud: Cloud, key: string): CloudNode {
    const node = cloud.nodes.get(key);
    if (!node) throw new Error(`the cloud has no addresses for node ${key}`);
    return node;
}
