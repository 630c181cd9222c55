import type { V1Pod, V1Taint } from "@kubernetes/client-node";
import type { Machine, WorkloadStandIn } from "../../parts.ts";
import type { Disk } from "../boot/disk.ts";
import { MERGE, STRATEGIC, describe, statusOf, type ClusterClient } from "./client.ts";
import { checkNodePassword } from "./nodePassword.ts";
import { nodeConditions, nodeStatus } from "./nodeStatus.ts";
import { PodWorker } from "./podWorker.ts";
import type { NodeProgram } from "./programs.ts";
import { referenceReader } from "./references.ts";

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
        await checkNodePassword(this.#client, this.#options.disk, this.#options.nodeName);
        await this.#register();
        await this.takeOverLease();
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
                ...(machine.publicIpv4 !== null && { egressAddress: machine.publicIpv4 }),
                kubeProxy,
                portOffset,
                standIns,
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

    /** Removes the lease of a kwok that is gone, which would keep the next one from the node until it runs out. */
    async takeOverLease(): Promise<void> {
        await this.#client.coordination
            .deleteNamespacedLease({ namespace: "kube-node-lease", name: this.#options.nodeName })
            .catch((error: unknown) => {
                if (statusOf(error) !== 404) throw error;
            });
    }

    async #updateConditions(): Promise<void> {
        const { nodeName, nodeIp, externalIps, machine, k3sVersion } = this.#options;
        const node = await this.#client.core.readNode({ name: nodeName });
        const wanted = nodeConditions(this.#cniReady, new Date());
        const ready = wanted.find((c) => c.type === "Ready")?.status;
        const found = node.status?.conditions?.find((c) => c.type === "Ready")?.status;
        this.#ready = found === "True" && ready === "True";
        if (found === ready && node.status?.nodeInfo?.kubeletVersion === k3sVersion) return;
        const status = nodeStatus({ machine, nodeName, nodeIp, externalIps, k3sVersion }, wanted);
        await this.#client.core.patchNodeStatus({ name: nodeName, body: { status } }, STRATEGIC);
        this.#ready = ready === "True";
    }
}
