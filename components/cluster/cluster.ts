import type * as hcloud from "@pulumi/hcloud";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { CloudConfig, ClusterConfig, NodeConfig } from "../../config/model.ts";
import { ApiReady } from "../../provider/resources/cluster.ts";
import type { Provider } from "../../provider/resources/provider.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { hostNames } from "../names.ts";
import { PORTS } from "../ports.ts";
import { ClusterNode } from "./clusterNode.ts";
import { kubeconfig } from "./kubeconfig.ts";
import { nodeUserData } from "./nodeUserData.ts";
import { ClusterPki } from "./pki.ts";
import { agentToken, serverToken } from "./tokens.ts";
import { controlPlanesOf } from "./topology.ts";

/** Long enough that nobody guesses it: 48 letters and digits. */
const TOKEN_PASSWORD_LENGTH = 48;

export interface ClusterArgs {
    readonly fqdn: string;
    readonly cloudConfig: CloudConfig;
    readonly cluster: ClusterConfig;
    /** What stands at Hetzner before the servers. */
    readonly cloud: Cloud;
    /** The `sovereign` provider, for nodes and the API gate. */
    readonly provider: Provider;
    /** CRDs, `<plural>.<group>`, that must be served before anything is created in the cluster. @default [] */
    readonly requiredCrds?: readonly string[];
}

/** The k3s cluster: PKI and tokens, servers one after the other, and the way in. */
export class Cluster extends pulumi.ComponentResource {
    /** Admin kubeconfig, YAML; secret. Known before the first server exists. */
    readonly kubeconfig: pulumi.Output<string>;
    /** The one Kubernetes provider; everything in the cluster uses it. */
    readonly provider: kubernetes.Provider;
    /** Passed once the API serves. Resources in the cluster are `deletedWith` it, so that a destroy needs no living API. */
    readonly ready: ApiReady;
    /** By node key. */
    readonly servers: ReadonlyMap<string, hcloud.Server>;
    /** What the API's certificate is checked against, PEM: its CA and the root. */
    readonly caCertificate: pulumi.Output<string>;
    /** Where the kubeconfig leads to, IPv4. */
    readonly apiAddress: pulumi.Output<string>;

    constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sovereign:cluster:Cluster", name, { fqdn: args.fqdn }, opts);
        const pki = new ClusterPki(
            `${name}-pki`,
            { fqdn: args.fqdn, ...pickPki(args.cluster) },
            { parent: this },
        );
        this.caCertificate = pki.serverCaPem;
        this.apiAddress = apiAddress(args);
        this.kubeconfig = adminKubeconfig(args.fqdn, this.apiAddress, pki);
        const nodes = this.createNodes(name, args, pki);
        this.servers = new Map([...nodes].map(([key, node]) => [key, node.server]));
        this.ready = this.gate(name, args, nodes);
        this.provider = this.createProvider(name, args);
        this.registerOutputs({ kubeconfig: this.kubeconfig, apiAddress: this.apiAddress });
    }

    /** Control planes form a chain; workers wait for the first of them only. */
    private createNodes(
        name: string,
        args: ClusterArgs,
        pki: ClusterPki,
    ): Map<string, ClusterNode> {
        const userDataOf = this.userData(name, args, pki);
        const [first, ...others] = controlPlanesOf(args.cluster.nodes);
        const create = (node: NodeConfig, after: ClusterNode | undefined): ClusterNode =>
            new ClusterNode(
                `${name}-${node.key}`,
                {
                    fqdn: args.fqdn,
                    node,
                    epoch: args.cluster.epoch,
                    controlPlanes: others.length + 1,
                    cloud: args.cloud,
                    image: args.cloudConfig.image,
                    userData: userDataOf(node),
                    kubeconfig: this.kubeconfig,
                    after: after ? [after.node] : [],
                    provider: args.provider,
                },
                { parent: this },
            );
        const firstNode = create(first, undefined);
        const nodes = new Map([[first.key, firstNode]]);
        let previous = firstNode;
        for (const node of others) {
            previous = create(node, previous);
            nodes.set(node.key, previous);
        }
        for (const node of args.cluster.nodes.filter((n) => n.role === "worker"))
            nodes.set(node.key, create(node, firstNode));
        return nodes;
    }

    private userData(name: string, args: ClusterArgs, pki: ClusterPki) {
        const { epoch, nodes } = args.cluster;
        const [first] = controlPlanesOf(nodes);
        const shared = pulumi.secret(
            pulumi
                .all([
                    pki.rootPem,
                    this.password(`${name}-server-token`, epoch),
                    this.password(`${name}-agent-token`, epoch),
                    pulumi.all(apiNames(args)),
                ])
                .apply(([rootPem, server, agent, tlsSans]) => ({
                    serverToken: serverToken(rootPem, server),
                    agentToken: agentToken(rootPem, agent),
                    tlsSans,
                })),
        );
        const mayInitialise = this.firstGeneration(name, epoch, first);
        return (node: NodeConfig): pulumi.Output<string> =>
            node.key === first.key
                ? pulumi
                      .all([shared, mayInitialise, pki.authorities, pki.serviceAccountKeyPem])
                      .apply(([common, initial, byName, serviceAccountKeyPem]) =>
                          nodeUserData(args.fqdn, args.cluster, node, {
                              ...common,
                              ...(initial && { authorities: { byName, serviceAccountKeyPem } }),
                          }),
                      )
                : shared.apply((common) => nodeUserData(args.fqdn, args.cluster, node, common));
    }

    /**
     * Whether the first control plane is in the generation that the epoch began with. The state keeps that generation, so
     * a new epoch may begin with any.
     */
    private firstGeneration(
        name: string,
        epoch: number,
        first: NodeConfig,
    ): pulumi.Output<boolean> {
        const initial = new pulumi.Stash(
            `${name}-initial-generation`,
            { input: first.generation },
            { parent: this, replacementTrigger: String(epoch) },
        );
        return initial.output.apply((generation: unknown) => generation === first.generation);
    }

    private password(name: string, epoch: number): pulumi.Output<string> {
        return new random.RandomPassword(
            name,
            { length: TOKEN_PASSWORD_LENGTH, special: false },
            { parent: this, replacementTrigger: String(epoch) },
        ).result;
    }

    private gate(
        name: string,
        args: ClusterArgs,
        nodes: ReadonlyMap<string, ClusterNode>,
    ): ApiReady {
        return new ApiReady(
            `${name}-ready`,
            {
                kubeconfig: this.kubeconfig,
                epoch: args.cluster.epoch,
                requiredCrds: [...(args.requiredCrds ?? [])],
            },
            {
                parent: this,
                provider: args.provider,
                dependsOn: [...nodes.values()].map((n) => n.node),
            },
        );
    }

    private createProvider(name: string, args: ClusterArgs): kubernetes.Provider {
        return new kubernetes.Provider(
            `${name}-kubernetes`,
            {
                kubeconfig: this.kubeconfig,
                // What the provider compares clusters by: a renewed certificate changes the kubeconfig, not the cluster.
                clusterIdentifier: `${args.fqdn}#${args.cluster.epoch}`,
                enableServerSideApply: true,
                enableSecretMutable: true,
                enableConfigMapMutable: true,
                // So that an `up` that broke off can be repeated; what another field manager has set is a conflict all the same.
                upsertExistingObjects: true,
                deleteUnreachable: true,
            },
            { parent: this, dependsOn: [this.ready] },
        );
    }
}

function pickPki(cluster: ClusterConfig) {
    const { epoch, adminCertificateGeneration, adminCertificateValidityHours } = cluster;
    return { epoch, adminCertificateGeneration, adminCertificateValidityHours };
}

function adminKubeconfig(
    fqdn: string,
    address: pulumi.Output<string>,
    pki: ClusterPki,
): pulumi.Output<string> {
    return pulumi.secret(
        pulumi
            .all([address, pki.serverCaPem, pki.adminCertificatePem, pki.adminKeyPem])
            .apply(([ip, caPem, certificatePem, privateKeyPem]) =>
                kubeconfig({
                    name: fqdn,
                    address: ip,
                    port: PORTS.kubernetes.listen,
                    caPem,
                    certificatePem,
                    privateKeyPem,
                }),
            ),
    );
}

/** The load balancer's address, or the first control plane's where the API is exposed at the nodes. */
function apiAddress(args: ClusterArgs): pulumi.Output<string> {
    if (args.cloudConfig.apiExposure === "load-balancer") return args.cloud.loadBalancer.ipv4;
    const [first] = controlPlanesOf(args.cluster.nodes);
    const node = args.cloud.nodes.get(first.key);
    if (!node) throw new Error(`the cloud has no addresses for node ${first.key}`);
    return node.ipv4;
}

/** Every name and address by which a client may reach the API: subject alternative names of its certificate. */
function apiNames(args: ClusterArgs): pulumi.Input<string>[] {
    const { cloud, cloudConfig, cluster, fqdn } = args;
    const controlPlanes = controlPlanesOf(cluster.nodes);
    return [
        cloud.loadBalancer.ipv4,
        ...(cloudConfig.ipv6 ? [cloud.loadBalancer.ipv6] : []),
        cloudConfig.loadBalancerIp,
        ...controlPlanes.map((n) => n.privateIp),
        ...controlPlanes.flatMap((n) => cloud.nodes.get(n.key)?.ipv4 ?? []),
        ...controlPlanes.flatMap((n) => cloud.nodes.get(n.key)?.ipv6 ?? []),
        hostNames(fqdn).api,
    ];
}
