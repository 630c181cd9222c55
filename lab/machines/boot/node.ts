import { parseToken } from "../control/token.ts";
import { startControlPlane } from "../control/controlPlane.ts";
import { ApiForwarder } from "../control/forwarder.ts";
import { hasEtcdData } from "../control/etcd.ts";
import { JoinClient, findPeer } from "../control/join.ts";
import { formatKubeconfig, type ApiAccess } from "../control/kubeconfig.ts";
import { API_PORT, FORWARDER_PORT } from "../control/peers.ts";
import {
    issueNodeCertificates,
    type ClusterConfig,
    type NodeCertificates,
} from "../control/supervisor.ts";
import { certManagerPods } from "../addons/certManager.ts";
import { ciliumAgent, ciliumOperator } from "../addons/cilium.ts";
import { klipperHelm } from "../addons/klipper.ts";
import { localPathProvisioner } from "../addons/localPath.ts";
import { startServerControllers } from "../addons/serverControllers.ts";
import { ClusterClient, describe } from "../kubelet/client.ts";
import { kwokArguments } from "../kubelet/kwok.ts";
import { NodeAgent } from "../kubelet/nodeAgent.ts";
import { decideRole, pause } from "./bootstrap.ts";
import type { Cleanup, NodeSetup } from "./nodeSetup.ts";

const KUBELET_KUBECONFIG = "/var/lib/rancher/k3s/agent/kubelet.kubeconfig";
const SERVING_CERTIFICATE = "/var/lib/rancher/k3s/agent/serving-kubelet.crt";
/** Where programs that play pods keep their files. */
const POD_FILES = "/var/lib/sovereign-lab/pods";
const SERVING_KEY = "/var/lib/rancher/k3s/agent/serving-kubelet.key";
/** Milliseconds between two looks at which control planes there are. */
const REFRESH = 5_000;

/** k3s on one machine, running. */
export interface RunningNode {
    /** Whether its Node is Ready. */
    ready(): boolean;
    /** Ends what runs in the lab's own process; the machine's processes are ended by their owner. */
    stop(): Promise<void>;
}

/** Starts k3s as the machine's files say. Resolves when the node is registered; retries joining until `signal` is aborted. */
export async function startNode(setup: NodeSetup): Promise<RunningNode> {
    const cleanups: Cleanup[] = [];
    let stopping = Promise.resolve();
    // In the order of the start: connections to the API end first, so that nothing waits for an answer any more.
    const drain = async () => {
        for (let cleanup = cleanups.shift(); cleanup; cleanup = cleanups.shift())
            await Promise.resolve(cleanup()).catch((error: unknown) => {
                setup.print(`shutting down: ${String(error)}`);
            });
    };
    const stop = () => (stopping = stopping.then(drain));
    setup.signal.addEventListener("abort", () => void stop(), { once: true });
    try {
        const agent =
            setup.environment.role === "server"
                ? await startServer(setup, cleanups)
                : await startAgent(setup, cleanups);
        return { ready: () => agent.ready, stop };
    } catch (error) {
        await stop();
        throw error;
    }
}

/** Tries until it works, and says once what is wrong, in k3s' words. */
async function persist<T>(setup: NodeSetup, what: string, action: () => Promise<T>): Promise<T> {
    let last = "";
    for (;;) {
        setup.signal.throwIfAborted();
        try {
            return await action();
        } catch (error) {
            setup.signal.throwIfAborted();
            const message = `${what}: ${describe(error)}`;
            if (message !== last) setup.print(message);
            setup.problem(message);
            last = message;
        }
        await pause(setup.signal);
    }
}

async function joinThroughPeer(setup: NodeSetup): Promise<JoinClient> {
    return await persist(setup, "failed to validate connection to cluster", async () => {
        const { environment, resolver } = setup;
        const token = ownToken(setup);
        const others: string[] = [];
        const peer = await findPeer(environment.peers, resolver, token, (ip, reason) => {
            others.push(`; ${ip} serves another one: ${reason}`);
        });
        if (!peer)
            throw new Error(
                `no control plane of this cluster answers at ${environment.peers.join(", ")}${others.join("")}`,
            );
        return new JoinClient(peer, token);
    });
}

function ownToken(setup: NodeSetup): string {
    return setup.settings.text("token") ?? "";
}

async function startServer(setup: NodeSetup, cleanups: Cleanup[]): Promise<NodeAgent> {
    const { disk, environment, settings, print, hostAddress } = setup;
    const plane = await persist(setup, "starting kubernetes", async () => {
        let join: JoinClient | undefined;
        if (await hasEtcdData(disk)) print("etcd data is on the disk: taking it up");
        else if ((await decideRole(environment, setup.resolver, ownToken(setup))) === "initialise")
            print("initialising a new cluster");
        else {
            join = await joinThroughPeer(setup);
            print(`joining through ${join.peer.privateIp}`);
        }
        return await startControlPlane(setup, join);
    });
    cleanups.push(() => plane.stop());
    const certificates = await issueNodeCertificates(plane.data, {
        nodeName: setup.nodeName,
        nodeIp: setup.nodeIp,
        hostAddress,
    });
    const client = new ClusterClient(plane.access);
    cleanups.push(() => client.close());
    await client.apply(kubeSystem, "k3s");
    const agent = await startNodeAgent(
        setup,
        client,
        plane.access,
        certificates,
        cleanups,
        {
            flannelBackend: settings.flannelBackend,
            disableKubeProxy: settings.enabled("disable-kube-proxy"),
            disableCloudController: settings.enabled("disable-cloud-controller"),
            serviceLb: settings.packaged("servicelb"),
            clusterDomain: settings.clusterDomain,
        },
        plane.etcdName,
    );
    await startServerControllers(setup, client, plane, cleanups);
    return agent;
}

const kubeSystem = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } };

async function startAgent(setup: NodeSetup, cleanups: Cleanup[]): Promise<NodeAgent> {
    const { hostAddress, nodeName, nodeIp, resolver, environment } = setup;
    parseToken(ownToken(setup));
    const { join, certificates, config } = await persist(
        setup,
        "failed to retrieve configuration from server",
        async () => {
            const client = await joinThroughPeer(setup);
            return {
                join: client,
                config: await client.clusterConfig(),
                certificates: await client.nodeCertificates({ nodeName, nodeIp, hostAddress }),
            };
        },
    );
    const targets = () =>
        environment.peers.map((ip) => resolver.resolve(ip)).filter((host) => host !== undefined);
    const forwarder = new ApiForwarder(
        [join.peer.hostAddress, ...targets()],
        FORWARDER_PORT,
        API_PORT,
    );
    await forwarder.start(hostAddress);
    cleanups.push(() => forwarder.stop());
    const access: ApiAccess = {
        server: `https://${hostAddress}:${FORWARDER_PORT}`,
        ca: certificates.serverCa,
        client: certificates.client,
    };
    const client = new ClusterClient(access);
    cleanups.push(() => client.close());
    const timer = setInterval(() => void refreshTargets(setup, client, forwarder), REFRESH);
    cleanups.push(() => {
        clearInterval(timer);
    });
    return await startNodeAgent(setup, client, access, certificates, cleanups, config, undefined);
}

/** The API servers that the cluster itself knows, as k3s' agents follow the endpoints of `kubernetes`. */
async function refreshTargets(
    setup: NodeSetup,
    client: ClusterClient,
    forwarder: ApiForwarder,
): Promise<void> {
    try {
        const nodes = await client.core.listNode({
            labelSelector: "node-role.kubernetes.io/control-plane=true",
        });
        forwarder.update(
            nodes.items
                .flatMap((node) => node.status?.addresses ?? [])
                .filter((address) => address.type === "InternalIP")
                .map((address) => setup.resolver.resolve(address.address))
                .filter((host) => host !== undefined),
        );
    } catch {
        // Whom it knew last may answer again.
    }
}

async function startNodeAgent(
    setup: NodeSetup,
    client: ClusterClient,
    access: ApiAccess,
    certificates: NodeCertificates,
    cleanups: Cleanup[],
    config: ClusterConfig,
    etcdName: string | undefined,
): Promise<NodeAgent> {
    const { disk, settings, nodeName, nodeIp, hostAddress, machine, print } = setup;
    await disk.write(
        KUBELET_KUBECONFIG,
        formatKubeconfig({ ...access, client: certificates.client }),
        0o600,
    );
    await disk.write(SERVING_CERTIFICATE, certificates.serving.certificate);
    await disk.write(SERVING_KEY, certificates.serving.privateKey, 0o600);
    const agent = new NodeAgent(client, {
        machine,
        disk,
        nodeName,
        nodeIp,
        externalIps: settings.list("node-external-ip"),
        labels: settings.list("node-label"),
        taints: settings.list("node-taint"),
        k3sVersion: setup.environment.k3sVersion,
        ...(etcdName === undefined ? {} : { etcdName }),
        builtInCni: config.flannelBackend !== "none",
        builtInCloudController: !config.disableCloudController,
        externalCloudProvider: settings.args("kubelet-arg").includes("cloud-provider=external"),
        kubeProxy: !config.disableKubeProxy,
        portOffset: setup.addresses.portOffset,
        privateImages: setup.privateImages,
        programs: [
            ciliumAgent,
            ciliumOperator,
            klipperHelm(setup.binaries.helm.path),
            localPathProvisioner,
            certManagerPods(setup.binaries.certManager.path, disk.path(POD_FILES)),
        ],
        standIns: setup.standIns,
        print,
    });
    cleanups.push(() => agent.stop());
    const kwok = await kwokArguments(disk, {
        nodeName,
        nodeIp,
        hostAddress,
        portOffset: setup.addresses.portOffset,
        podCidr: settings.clusterCidr,
        kubeconfig: KUBELET_KUBECONFIG,
        servingCertificate: SERVING_CERTIFICATE,
        servingKey: SERVING_KEY,
    });
    await persist(setup, "unable to register node", () => agent.start());
    setup.run("kwok", setup.binaries.kwok, kwok, () => {
        agent.takeOverLease().catch((error: unknown) => {
            print(`node lease: ${describe(error)}`);
        });
    });
    print(`node ${nodeName} is registered`);
    return agent;
}
