import { createHash, randomBytes } from "node:crypto";
import type { V1Node, V1NodeCondition, V1Pod, V1Taint } from "@kubernetes/client-node";
import type { Machine, WorkloadStandIn } from "../../parts.ts";
import type { Disk } from "../boot/disk.ts";
import { KUBELET_PORT } from "../control/peers.ts";
import { MERGE, STRATEGIC, describe, statusOf, type ClusterClient } from "./client.ts";
import { PodWorker } from "./podWorker.ts";
import type { NodeProgram } from "./programs.ts";
import type { ReferenceReader } from "./podChecks.ts";
import { capacityOf } from "./serverTypes.ts";

/** Where k3s keeps a node's own password. */
const PASSWORD_FILE = "/etc/rancher/node/password";
/** Milliseconds between two looks at the Node's conditions; kubelet's `nodeStatusUpdateFrequency` is 10 s. */
const HEARTBEAT = 5_000;
/** Finalizer by which k3s removes a deleted node's etcd member before the Node goes (`pkg/etcd/member_controller.go`). */
export const ETCD_FINALIZER = "wrangler.cattle.io/managed-etcd-controller";
/** Annotation that carries a server's etcd member name. */
export const ETCD_NAME_ANNOTATION = "etcd.k3s.cattle.io/node-name";

export interface NodeOptions {
    readonly machine: Machine;
    readonly disk: Disk;
    readonly nodeName: string;
    readonly nodeIp: string;
    readonly externalIps: readonly string[];
    readonly labels: readonly string[];
    readonly taints: readonly string[];
    readonly k3sVersion: string;
    /** Member name of a server. */
    readonly etcdName?: string;
    /** The network plugin is part of k3s (flannel): nothing else has to bring one. */
    readonly builtInCni: boolean;
    /** k3s' own cloud controller runs, so a node needs no other one to be initialised. */
    readonly builtInCloudController: boolean;
    readonly externalCloudProvider: boolean;
    readonly kubeProxy: boolean;
    readonly portOffset: number;
    readonly privateImages: readonly string[];
    readonly programs: readonly NodeProgram[];
    readonly standIns: readonly WorkloadStandIn[];
    readonly print: (line: string) => void;
}

/** `key=value` pairs as a record. */
function pairs(entries: readonly string[]): Record<string, string> {
    return Object.fromEntries(
        entries.map((entry) => {
            const equals = entry.indexOf("=");
            return equals < 0 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
        }),
    );
}

/** `key=value:Effect` as a taint. */
export function parseTaint(text: string): V1Taint {
    const colon = text.lastIndexOf(":");
    const [key = "", value] = text.slice(0, colon < 0 ? undefined : colon).split("=");
    return {
        key,
        ...(value ? { value } : {}),
        effect: colon < 0 ? "NoSchedule" : text.slice(colon + 1),
    };
}

/** The part of k3s that makes a machine a node: registers it, keeps its conditions, runs its Pods. */
export class NodeAgent {
    readonly #client: ClusterClient;
    readonly #options: NodeOptions;
    readonly #workers = new Map<string, PodWorker>();
    #timer: NodeJS.Timeout | undefined;
    #cniReady: boolean;
    #ready = false;
    #stopped = false;

    constructor(client: ClusterClient, options: NodeOptions) {
        this.#client = client;
        this.#options = options;
        this.#cniReady = options.builtInCni;
    }

    /** Whether the Node was last seen Ready. */
    get ready(): boolean {
        return this.#ready;
    }

    /** Registers the node and runs its Pods. @throws Error with k3s' own words where the node's password is another one's */
    async start(): Promise<void> {
        await this.#checkPassword();
        await this.#register();
        await this.#takeOverLease();
        await this.#updateConditions();
        this.#timer = setInterval(() => void this.#heartbeat(), HEARTBEAT);
        await this.#client.watch<V1Pod>(
            "/api/v1/pods",
            () =>
                this.#client.core.listPodForAllNamespaces({
                    fieldSelector: `spec.nodeName=${this.#options.nodeName}`,
                }),
            (pod, gone) => {
                this.#podChanged(pod, gone);
            },
            { fieldSelector: `spec.nodeName=${this.#options.nodeName}` },
        );
    }

    /** Ends all that plays its Pods; what the API server knows stays, as on a machine that lost power. */
    async stop(): Promise<void> {
        this.#stopped = true;
        clearInterval(this.#timer);
        await Promise.all([...this.#workers.values()].map((worker) => worker.stop()));
        this.#workers.clear();
    }

    #podChanged(pod: V1Pod, gone: boolean): void {
        const uid = pod.metadata?.uid ?? "";
        const worker = this.#workers.get(uid);
        if (gone) {
            this.#workers.delete(uid);
            void worker?.stop();
        } else if (worker) worker.update(pod);
        else if (!this.#stopped) this.#workers.set(uid, this.#newWorker(pod));
    }

    #newWorker(pod: V1Pod): PodWorker {
        const {
            nodeName,
            machine,
            kubeProxy,
            portOffset,
            programs,
            standIns,
            privateImages,
            print,
        } = this.#options;
        return new PodWorker(pod, {
            client: this.#client,
            reader: referenceReader(this.#client),
            programs,
            standIns,
            privateImages,
            programContext: {
                client: this.#client,
                nodeName,
                hostAddress: machine.hostAddress,
                kubeProxy,
                portOffset,
                print,
                setCniReady: (ready) => {
                    this.#cniReady = ready || this.#options.builtInCni;
                    void this.#heartbeat();
                },
            },
        });
    }

    async #heartbeat(): Promise<void> {
        if (this.#stopped) return;
        try {
            await this.#updateConditions();
        } catch (error) {
            this.#ready = false;
            if (statusOf(error) !== 404) this.#options.print(`node status: ${describe(error)}`);
        }
    }

    /** A node with the name of another one that is still registered is refused (https://docs.k3s.io/architecture#how-agent-node-registration-works). */
    async #checkPassword(): Promise<void> {
        const { disk, nodeName } = this.#options;
        let password = await disk.read(PASSWORD_FILE);
        if (password === undefined) {
            password = randomBytes(16).toString("hex");
            await disk.write(PASSWORD_FILE, password, 0o600);
        }
        const hash = createHash("sha256").update(password).digest("hex");
        const name = `${nodeName}.node-password.k3s`;
        const secrets = { namespace: "kube-system" };
        try {
            const found = await this.#client.core.readNamespacedSecret({ ...secrets, name });
            const known = Buffer.from(found.data?.hash ?? "", "base64").toString("utf8");
            if (known !== hash)
                throw new Error(
                    `Node password rejected, duplicate hostname or contents of '${PASSWORD_FILE}' may not match server node-passwd entry, try enabling a unique node name with the --with-node-id flag`,
                );
        } catch (error) {
            if (statusOf(error) !== 404) throw error;
            await this.#client.core.createNamespacedSecret({
                ...secrets,
                body: { metadata: { name, ...secrets }, immutable: true, stringData: { hash } },
            });
        }
    }

    async #register(): Promise<void> {
        const { nodeName, etcdName, taints, labels, machine } = this.#options;
        const roles = etcdName
            ? {
                  "node-role.kubernetes.io/control-plane": "true",
                  "node-role.kubernetes.io/etcd": "true",
              }
            : {};
        const architecture = machine.architecture === "arm" ? "arm64" : "amd64";
        const node = {
            metadata: {
                name: nodeName,
                labels: {
                    "beta.kubernetes.io/arch": architecture,
                    "beta.kubernetes.io/os": "linux",
                    "kubernetes.io/arch": architecture,
                    "kubernetes.io/hostname": nodeName,
                    "kubernetes.io/os": "linux",
                    "node.kubernetes.io/instance-type": "k3s",
                    ...roles,
                    ...pairs(labels),
                },
                ...(etcdName
                    ? {
                          annotations: { [ETCD_NAME_ANNOTATION]: etcdName },
                          finalizers: [ETCD_FINALIZER],
                      }
                    : {}),
            },
        };
        const { externalCloudProvider, builtInCloudController } = this.#options;
        const uninitialised =
            externalCloudProvider && !builtInCloudController
                ? [
                      {
                          key: "node.cloudprovider.kubernetes.io/uninitialized",
                          value: "true",
                          effect: "NoSchedule",
                      },
                  ]
                : [];
        try {
            await this.#client.core.createNode({
                body: {
                    ...node,
                    spec: {
                        ...(builtInCloudController ? { providerID: `k3s://${nodeName}` } : {}),
                        taints: [...taints.map(parseTaint), ...uninitialised],
                    },
                },
            });
        } catch (error) {
            if (statusOf(error) !== 409) throw error;
            await this.#client.core.patchNode({ name: nodeName, body: node }, MERGE);
        }
    }

    /** A lease of the machine's life before would keep kwok from renewing until it runs out. */
    async #takeOverLease(): Promise<void> {
        await this.#client.coordination
            .deleteNamespacedLease({ namespace: "kube-node-lease", name: this.#options.nodeName })
            .catch((error: unknown) => {
                if (statusOf(error) !== 404) throw error;
            });
    }

    #conditions(now: Date): V1NodeCondition[] {
        const condition = (type: string, status: string, reason: string, message: string) => ({
            type,
            status,
            reason,
            message,
            lastHeartbeatTime: now,
            lastTransitionTime: now,
        });
        return [
            condition(
                "MemoryPressure",
                "False",
                "KubeletHasSufficientMemory",
                "kubelet has sufficient memory available",
            ),
            condition(
                "DiskPressure",
                "False",
                "KubeletHasNoDiskPressure",
                "kubelet has no disk pressure",
            ),
            condition(
                "PIDPressure",
                "False",
                "KubeletHasSufficientPID",
                "kubelet has sufficient PID available",
            ),
            this.#cniReady
                ? condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")
                : condition(
                      "Ready",
                      "False",
                      "KubeletNotReady",
                      "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized",
                  ),
        ];
    }

    async #updateConditions(): Promise<void> {
        const { nodeName, nodeIp, externalIps, machine, k3sVersion } = this.#options;
        const node = await this.#client.core.readNode({ name: nodeName });
        const wanted = this.#conditions(new Date());
        const ready = wanted.find((c) => c.type === "Ready")?.status;
        const found = node.status?.conditions?.find((c) => c.type === "Ready")?.status;
        this.#ready = found === "True" && ready === "True";
        if (found === ready && node.status?.nodeInfo?.kubeletVersion === k3sVersion) return;
        const capacity = capacityOf(machine.serverType);
        const status: V1Node["status"] = {
            addresses: [
                { type: "InternalIP", address: nodeIp },
                ...externalIps.map((address) => ({ type: "ExternalIP", address })),
                { type: "Hostname", address: nodeName },
                { type: "InternalDNS", address: machine.hostAddress },
            ],
            capacity: { ...capacity },
            allocatable: { ...capacity },
            conditions: wanted,
            daemonEndpoints: { kubeletEndpoint: { Port: KUBELET_PORT } },
            nodeInfo: {
                architecture: machine.architecture === "arm" ? "arm64" : "amd64",
                bootID: "",
                containerRuntimeVersion: "containerd://lab",
                kernelVersion: "lab",
                kubeProxyVersion: "",
                kubeletVersion: k3sVersion,
                machineID: String(machine.id),
                operatingSystem: "linux",
                osImage: "lab",
                systemUUID: "",
            },
        };
        await this.#client.core.patchNodeStatus({ name: nodeName, body: { status } }, STRATEGIC);
        this.#ready = ready === "True";
    }
}

/** Reads references through the API. */
export function referenceReader(client: ClusterClient): ReferenceReader {
    const found = async <T>(read: Promise<T>): Promise<T | undefined> => {
        try {
            return await read;
        } catch (error) {
            if (statusOf(error) === 404) return undefined;
            throw error;
        }
    };
    return {
        secret: (namespace, name) => found(client.core.readNamespacedSecret({ namespace, name })),
        configMap: (namespace, name) =>
            found(client.core.readNamespacedConfigMap({ namespace, name })),
        claim: (namespace, name) =>
            found(client.core.readNamespacedPersistentVolumeClaim({ namespace, name })),
    };
}
