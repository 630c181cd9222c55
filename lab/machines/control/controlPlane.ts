import { randomBytes } from "node:crypto";
import { K3sConfigError, type K3sSettings } from "./k3sConfig.ts";
import { ENCRYPTION_CONFIG, loadOrGenerate, store, type BootstrapData } from "./authorities.ts";
import {
    apiServerArguments,
    controllerManagerArguments,
    schedulerArguments,
    type DaemonContext,
} from "./daemonArguments.ts";
import {
    ETCD_DIRECTORY,
    etcdArguments,
    hasEtcdData,
    memberName,
    peerUrl,
    planJoin,
} from "./etcd.ts";
import { EtcdError, EtcdMembers } from "./etcdMembers.ts";
import { httpsRequest } from "./http.ts";
import type { JoinClient } from "./join.ts";
import { API_SERVER_NAME, formatKubeconfig, type ApiAccess } from "./kubeconfig.ts";
import { EGRESS_CONFIG, egressConfiguration, startEgressProxy } from "./egressProxy.ts";
import { issueServerLeaves, type ServerLeaves } from "./leaves.ts";
import { API_PORT } from "./peers.ts";
import { Supervisor } from "./supervisor.ts";
import { parseToken } from "./token.ts";
import { pause } from "../boot/bootstrap.ts";
import type { NodeSetup } from "../boot/nodeSetup.ts";

/** Milliseconds between two looks at whether a daemon is ready. */
const READY_INTERVAL = 100;

const CREDENTIALS = "/var/lib/rancher/k3s/server/cred";
export const CONTROLLER_KUBECONFIG = `${CREDENTIALS}/controller.kubeconfig`;
export const SCHEDULER_KUBECONFIG = `${CREDENTIALS}/scheduler.kubeconfig`;

/** A control plane that serves. */
export interface ControlPlane {
    readonly access: ApiAccess;
    readonly data: BootstrapData;
    readonly etcd: EtcdMembers;
    readonly etcdName: string;
    stop(): Promise<void>;
}

/**
 * Starts a k3s server's daemons in k3s' order: certificates, supervisor, etcd (as first member or joining), API server, controllers.
 *
 * @param join - the peer to join through; none to initialise or to take up what the disk holds
 */
export async function startControlPlane(
    setup: NodeSetup,
    join: JoinClient | undefined,
): Promise<ControlPlane> {
    const { disk, settings, print, hostAddress } = setup;
    const existing = await hasEtcdData(disk);
    const data = await bootstrapData(setup, existing ? undefined : join);
    const leaves = await issueServerLeaves(disk, data, {
        nodeName: setup.nodeName,
        nodeIp: setup.nodeIp,
        advertiseAddress: setup.advertiseAddress,
        hostAddress,
        serviceAddress: settings.serviceAddress(1),
        clusterDomain: settings.clusterDomain,
        tlsSans: settings.list("tls-san"),
    });
    let datastoreReady = false;
    const supervisor = new Supervisor({
        hostAddress,
        data,
        serving: leaves["serving-kube-apiserver"],
        passwords: passwords(settings),
        clusterConfig: {
            flannelBackend: settings.flannelBackend,
            disableKubeProxy: settings.enabled("disable-kube-proxy"),
            disableCloudController: settings.enabled("disable-cloud-controller"),
            serviceLb: settings.packaged("servicelb"),
            clusterDomain: settings.clusterDomain,
        },
        ready: () => datastoreReady,
    });
    await supervisor.start();
    const stops = [() => supervisor.stop()];
    const stop = async () => {
        for (const each of stops.splice(0)) await each();
    };
    try {
        const etcdName = await memberName(disk, setup.nodeName);
        const etcd = new EtcdMembers(
            hostAddress,
            data.authorities["etcd/server-ca"].certificate,
            leaves["etcd/client"],
        );
        await startEtcd(setup, { etcd, etcdName, data, leaves, join: existing ? undefined : join });
        datastoreReady = true;
        print("etcd is ready");
        const access: ApiAccess = {
            server: `https://${hostAddress}:${API_PORT}`,
            ca: data.authorities["server-ca"].certificate,
            client: leaves["client-admin"],
        };
        stops.unshift(await startEgressProxy(hostAddress, access, data));
        await startDaemons(setup, access, leaves);
        return { access, data, etcd, etcdName, stop };
    } catch (error) {
        await stop();
        throw error;
    }
}

function passwords(settings: K3sSettings) {
    const token = settings.text("token");
    const agent = settings.text("agent-token");
    return {
        server: token === undefined ? randomBytes(16).toString("hex") : parseToken(token).password,
        ...(agent === undefined ? {} : { agent: parseToken(agent).password }),
    };
}

async function bootstrapData(
    setup: NodeSetup,
    join: JoinClient | undefined,
): Promise<BootstrapData> {
    const { disk, settings, print } = setup;
    if (join) {
        const data = await join.bootstrapData();
        if (settings.enabled("secrets-encryption") !== (data.encryptionConfig !== undefined))
            throw new K3sConfigError(
                "critical configuration mismatched: secrets-encryption differs from the cluster's",
            );
        await store(disk, data);
        print(`joined the cluster's certificate authorities through ${join.peer.privateIp}`);
        return data;
    }
    if (settings.enabled("secrets-encryption") && !(await disk.exists(ENCRYPTION_CONFIG)))
        await disk.write(ENCRYPTION_CONFIG, encryptionConfig(), 0o600);
    const { data, generated } = await loadOrGenerate(disk);
    if (generated.length > 0) print(`generated, as they were not given: ${generated.join(", ")}`);
    return data;
}

/** k3s' own: AES-CBC with a key of 32 bytes (https://docs.k3s.io/security/secrets-encryption). */
function encryptionConfig(): string {
    return JSON.stringify({
        apiVersion: "apiserver.config.k8s.io/v1",
        kind: "EncryptionConfiguration",
        resources: [
            {
                resources: ["secrets"],
                providers: [
                    {
                        aescbc: {
                            keys: [
                                { name: "aescbckey", secret: randomBytes(32).toString("base64") },
                            ],
                        },
                    },
                    { identity: {} },
                ],
            },
        ],
    });
}

interface EtcdStart {
    readonly etcd: EtcdMembers;
    readonly etcdName: string;
    readonly data: BootstrapData;
    readonly leaves: ServerLeaves;
    readonly join: JoinClient | undefined;
}

async function startEtcd(setup: NodeSetup, start: EtcdStart): Promise<void> {
    const { disk, hostAddress, signal, print } = setup;
    const { etcd, etcdName, join } = start;
    const own = peerUrl(hostAddress);
    let initialCluster = `${etcdName}=${own}`;
    const seed =
        join &&
        new EtcdMembers(
            join.peer.hostAddress,
            start.data.authorities["etcd/server-ca"].certificate,
            start.leaves["etcd/client"],
        );
    if (seed)
        initialCluster = await retry(setup, async () => {
            const plan = planJoin(await seed.list(), {
                name: etcdName,
                nodeName: setup.nodeName,
                peerUrl: own,
            });
            if (plan.add) {
                await seed.addLearner(own);
                print(`etcd: added ${etcdName} as a learner`);
            }
            return plan.initialCluster;
        });
    await disk.createFolder(ETCD_DIRECTORY, 0o700);
    setup.run(
        "etcd",
        setup.binaries.etcd,
        etcdArguments(disk, {
            name: etcdName,
            hostAddress,
            initialCluster,
            state: seed ? "existing" : "new",
            alone: setup.controlPlanes === 1,
            extra: setup.settings.args("etcd-arg"),
        }),
    );
    if (seed) await retry(setup, () => promote(seed, own), READY_INTERVAL * 3);
    while (!(await etcd.healthy())) await pause(signal, READY_INTERVAL);
}

/** Makes a learner that has caught up a voting member. @throws EtcdError while it has not */
async function promote(seed: EtcdMembers, peer: string): Promise<void> {
    const member = (await seed.list()).find((m) => m.peerURLs.includes(peer));
    if (!member) throw new EtcdError("the new member is not in the cluster");
    if (member.isLearner) await seed.promote(member.ID);
}

async function retry<T>(setup: NodeSetup, action: () => Promise<T>, interval?: number): Promise<T> {
    let last = "";
    for (;;) {
        setup.signal.throwIfAborted();
        try {
            return await action();
        } catch (error) {
            const message = error instanceof Error ? error.message : String(error);
            if (message !== last) setup.print(`etcd: ${message}`);
            setup.problem(`etcd: ${message}`);
            last = message;
        }
        await pause(setup.signal, interval);
    }
}

async function startDaemons(
    setup: NodeSetup,
    access: ApiAccess,
    leaves: ServerLeaves,
): Promise<void> {
    const { disk, print, signal, binaries } = setup;
    await disk.write(EGRESS_CONFIG, egressConfiguration(disk, setup.hostAddress));
    const context: DaemonContext = {
        disk,
        settings: setup.settings,
        hostAddress: setup.hostAddress,
        advertiseAddress: setup.advertiseAddress,
        elect: setup.controlPlanes > 1,
        controllerKubeconfig: CONTROLLER_KUBECONFIG,
        schedulerKubeconfig: SCHEDULER_KUBECONFIG,
    };
    const kubeconfig = async (file: string, client: ApiAccess["client"]) => {
        await disk.write(file, formatKubeconfig({ ...access, client }), 0o600);
    };
    await kubeconfig(CONTROLLER_KUBECONFIG, leaves["client-controller"]);
    await kubeconfig(SCHEDULER_KUBECONFIG, leaves["client-scheduler"]);
    await disk.createFolder("/var/lib/rancher/k3s/server/logs", 0o700);
    setup.run("kube-apiserver", binaries.kubeApiserver, apiServerArguments(context));
    for (;;) {
        const ready = await httpsRequest(`${access.server}/readyz`, {
            ca: access.ca,
            client: access.client,
            serverName: API_SERVER_NAME,
            timeout: 2_000,
        }).catch(() => undefined);
        if (ready?.status === 200) break;
        await pause(signal, READY_INTERVAL);
    }
    print("kube-apiserver is ready");
    setup.run(
        "kube-controller-manager",
        binaries.kubeControllerManager,
        controllerManagerArguments(context),
    );
    setup.run("kube-scheduler", binaries.kubeScheduler, schedulerArguments(context));
}
