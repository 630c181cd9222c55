import type { ClusterConfig, NodeConfig } from "../../config/model.ts";
import { hostNames, resourceName } from "../names.ts";
import { k3sAgentConfig, k3sServerConfig } from "./k3sConfig.ts";
import { adminBindingManifest, ciliumManifest } from "./manifests.ts";
import { peersOf } from "./topology.ts";
import { userData } from "./userData.ts";
import type { UserDataArgs } from "./userData.ts";

/** What is known of the cluster before its servers, all of it secret but the names. */
export interface ClusterSecrets {
    readonly serverToken: string;
    readonly agentToken: string;
    readonly tlsSans: readonly string[];
    /** Only for the server that may initialise the cluster: having it is what lets it. */
    readonly authorities?: NonNullable<UserDataArgs["authorities"]>;
}

/** User data of one node of the cluster, as Hetzner takes it. Throws where it is too large. */
export function nodeUserData(
    fqdn: string,
    cluster: ClusterConfig,
    node: NodeConfig,
    secrets: ClusterSecrets,
): string {
    return userData(nodeUserDataArgs(fqdn, cluster, node, secrets));
}

/** What {@link nodeUserData} writes, before it is encoded. */
export function nodeUserDataArgs(
    fqdn: string,
    cluster: ClusterConfig,
    node: NodeConfig,
    secrets: ClusterSecrets,
): UserDataArgs {
    const server = node.role === "control-plane";
    const names = {
        nodeName: resourceName(fqdn, node.key),
        key: node.key,
        nodeIp: node.privateIp,
    };
    return {
        key: node.key,
        environment: {
            role: server ? "server" : "agent",
            mayInitialise: secrets.authorities !== undefined,
            epoch: cluster.epoch,
            nodeIp: node.privateIp,
            peers: peersOf(node, cluster.nodes),
            k3sVersion: cluster.k3sVersion,
            k3sDownloadUrl: cluster.k3sDownloadUrl,
            k3sSha256: cluster.k3sSha256,
        },
        mailProbe: {
            ehlo: hostNames(fqdn).mail,
            node: names.nodeName,
            targets: cluster.mailProbeTargets,
        },
        k3sConfig: server
            ? k3sServerConfig({
                  ...names,
                  serverToken: secrets.serverToken,
                  agentToken: secrets.agentToken,
                  tlsSans: secrets.tlsSans,
                  podCidr: cluster.podCidr,
                  serviceCidr: cluster.serviceCidr,
              })
            : k3sAgentConfig({ ...names, agentToken: secrets.agentToken }),
        manifests: server ? manifests(cluster) : {},
        ...(secrets.authorities && { authorities: secrets.authorities }),
    };
}

function manifests(cluster: ClusterConfig): Record<string, string> {
    return {
        "00-sovereign-admins.yaml": adminBindingManifest(),
        "10-cilium.yaml": ciliumManifest({
            version: cluster.ciliumVersion,
            chartRepository: cluster.ciliumChartRepository,
            nodeCount: cluster.nodes.length,
        }),
    };
}
