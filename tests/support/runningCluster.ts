import assert from "node:assert/strict";
import type { V1Pod } from "@kubernetes/client-node";
import { K3sReleases } from "../../lab/machines/k3sRelease.ts";
import { ClusterClient } from "../../lab/machines/kubelet/client.ts";
import { Machines } from "../../lab/machines/machines.ts";
import type { WorkloadStandIn } from "../../lab/parts.ts";
import { eventually } from "./eventually.ts";
import { claimTestLab, type TestLab } from "./labContext.ts";
import {
    clusterFixture,
    machineFixture,
    type ClusterFixture,
    type MachineFixtureOptions,
} from "./machineFixture.ts";

/** Patience with real processes on a busy machine. */
export const WAIT = { timeout: 120_000, interval: 200 } as const;

/** Namespace that {@link RunningCluster.connect} makes. */
export const NAMESPACE = "work";

/** A lab with one control plane `cp1` (machine 1) and one worker `w1` (machine 2). */
export class RunningCluster {
    readonly lab: TestLab;
    readonly cluster: ClusterFixture;
    readonly standIns: readonly WorkloadStandIn[];
    readonly #releases: K3sReleases;
    #machines: Machines;
    #client: ClusterClient | undefined;

    private constructor(
        lab: TestLab,
        cluster: ClusterFixture,
        releases: K3sReleases,
        standIns: readonly WorkloadStandIn[],
    ) {
        this.lab = lab;
        this.cluster = cluster;
        this.standIns = standIns;
        this.#releases = releases;
        this.#machines = new Machines(lab.context, { standIns });
    }

    /** Starts a lab without machines. */
    static async claim(standIns: readonly WorkloadStandIn[] = []): Promise<RunningCluster> {
        const lab = await claimTestLab();
        const releases = new K3sReleases(lab.context);
        await releases.start();
        const running = new RunningCluster(lab, await clusterFixture(), releases, standIns);
        await running.machines.start();
        return running;
    }

    get machines(): Machines {
        return this.#machines;
    }

    get client(): ClusterClient {
        assert.ok(this.#client, "not connected");
        return this.#client;
    }

    /** What the machines are made of. */
    get options(): {
        readonly control: MachineFixtureOptions;
        readonly worker: MachineFixtureOptions;
    } {
        const control: MachineFixtureOptions = {
            addresses: this.lab.context.addresses,
            cluster: this.cluster,
            id: 1,
            name: "cp1",
            role: "server",
            nodeIp: "10.0.1.2",
        };
        return {
            control,
            worker: {
                ...control,
                id: 2,
                name: "w1",
                role: "agent",
                nodeIp: "10.0.1.10",
                peers: ["10.0.1.2"],
            },
        };
    }

    /** Powers both machines on and waits until their nodes are Ready. */
    async boot(): Promise<void> {
        await this.machines.powerOn(machineFixture(this.options.control));
        await this.machines.powerOn(machineFixture(this.options.worker));
        await this.connect();
    }

    /** Waits for both nodes and makes the namespace of the tests. */
    async connect(): Promise<void> {
        await this.ready(1);
        await this.ready(2);
        this.#client = new ClusterClient({
            server: `https://${this.lab.context.addresses.prefix}.128.1:6443`,
            ca: this.cluster.root.certificate,
            client: this.cluster.admin,
        });
        await this.client.core.createNamespace({ body: { metadata: { name: NAMESPACE } } });
        await eventually("the default account", () =>
            this.client.core.readNamespacedServiceAccount({
                namespace: NAMESPACE,
                name: "default",
            }),
        );
    }

    /** Ends the lab's machines as the end of the lab would, and starts them from their disks. */
    async restart(betweenTheTwo: () => void): Promise<void> {
        await this.#machines.stop();
        betweenTheTwo();
        this.#machines = new Machines(this.lab.context, { standIns: this.standIns });
        await this.#machines.start();
    }

    async ready(id: number): Promise<void> {
        await eventually(
            `machine ${id} Ready`,
            () => {
                const guest = this.machines.guest(id);
                assert.ok(guest?.nodeReady, guest?.console.read().slice(-2000));
            },
            WAIT,
        );
    }

    /** Creates a Pod labelled `app: <name>`. */
    async pod(name: string, spec: Partial<NonNullable<V1Pod["spec"]>>): Promise<void> {
        await this.client.core.createNamespacedPod({
            namespace: NAMESPACE,
            body: {
                metadata: { name, labels: { app: name } },
                spec: { containers: [{ name: "main", image: "example.invalid/any:1" }], ...spec },
            },
        });
    }

    async readPod(name: string): Promise<V1Pod> {
        return await this.client.core.readNamespacedPod({ namespace: NAMESPACE, name });
    }

    /** Waits until the first container waits for this reason; gives its message. */
    async waiting(name: string, reason: string): Promise<string> {
        return await eventually(
            `${name} waits for ${reason}`,
            async () => {
                const { status } = await this.readPod(name);
                const found = status?.containerStatuses?.[0]?.state?.waiting;
                assert.equal(found?.reason, reason);
                return found.message ?? "";
            },
            WAIT,
        );
    }

    /** Waits until all containers run and are ready. */
    async running(name: string): Promise<V1Pod> {
        return await eventually(
            `${name} runs`,
            async () => {
                const found = await this.readPod(name);
                assert.equal(found.status?.phase, "Running");
                assert.ok(found.status.containerStatuses?.every((s) => s.ready));
                return found;
            },
            WAIT,
        );
    }

    async release(): Promise<void> {
        await this.#client?.close();
        await this.#machines.stop();
        await this.#releases.stop();
        await this.lab.release();
    }
}
