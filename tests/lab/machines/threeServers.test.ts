// Proves: three servers are one cluster with three voting etcd members; the API goes on while any one of them is off; a machine that is off
// becomes NotReady; deleting a Node removes its etcd member, and a server made anew joins in its place. Proves nothing about k3s'
// own embedded etcd code.
import assert from "node:assert/strict";
import { ClusterClient } from "../../../lab/machines/kubelet/client.ts";
import { EtcdMembers } from "../../../lab/machines/control/etcdMembers.ts";
import { K3sReleases } from "../../../lab/machines/k3sRelease.ts";
import { Machines } from "../../../lab/machines/machines.ts";
import { issueLeaf } from "../../../lab/machines/control/pki.ts";
import { eventually } from "../../support/eventually.ts";
import { claimTestLab, type TestLab } from "../../support/labContext.ts";
import {
    clusterFixture,
    machineFixture,
    type ClusterFixture,
} from "../../support/machineFixture.ts";

const WAIT = { timeout: 180_000, interval: 250 };
const IPS = ["10.0.1.2", "10.0.1.3", "10.0.1.4"];

describe("three servers", function () {
    this.timeout(400_000);
    let lab: TestLab;
    let releases: K3sReleases;
    let machines: Machines;
    let cluster: ClusterFixture;
    const cleanups: (() => Promise<void>)[] = [];

    const machine = (n: number, id = n) =>
        machineFixture({
            addresses: lab.context.addresses,
            cluster,
            id,
            name: `cp${n}`,
            role: "server",
            nodeIp: IPS[n - 1] ?? "",
            peers: IPS.filter((_, index) => index !== n - 1),
            mayInitialise: n === 1,
            k3sConfig: {
                "kube-controller-manager-arg": ["node-monitor-grace-period=20s"],
            },
        });
    const host = (id: number) => `${lab.context.addresses.prefix}.128.${id}`;
    const client = (id: number) =>
        new ClusterClient({
            server: `https://${host(id)}:6443`,
            ca: cluster.root.certificate,
            client: cluster.admin,
        });
    const members = async (id: number) => {
        const ca = cluster.authorities.get("etcd/server-ca");
        assert.ok(ca);
        const leaf = await issueLeaf(ca, { commonName: "test", usages: ["client"] });

        return await new EtcdMembers(host(id), ca.certificate, leaf).list();
    };
    const ready = (id: number) =>
        eventually(
            `machine ${id} Ready`,
            () => {
                const guest = machines.guest(id);
                assert.ok(guest?.nodeReady, guest?.console.read().slice(-1500));
            },
            WAIT,
        );
    const nodeStatus = async (id: number, name: string) =>
        (await client(id).core.readNode({ name })).status?.conditions?.find(
            (c) => c.type === "Ready",
        )?.status;

    before(async () => {
        lab = await claimTestLab();
        cleanups.push(() => lab.release());
        releases = new K3sReleases(lab.context);
        await releases.start();
        cleanups.push(() => releases.stop());
        cluster = await clusterFixture();
        machines = new Machines(lab.context, { standIns: [] });
        cleanups.push(() => machines.stop());
        await machines.start();
        for (const n of [2, 3, 1]) await machines.powerOn(machine(n));
        for (const n of [1, 2, 3]) await ready(n);
    });

    after(async () => {
        for (const cleanup of cleanups.reverse()) await cleanup();
    });

    it("are one cluster with three voting members", async () => {
        const found = await members(1);
        assert.deepEqual(found.map((m) => m.name.replace(/-[0-9a-f]{8}$/, "")).sort(), [
            "cp1",
            "cp2",
            "cp3",
        ]);
        assert.ok(found.every((m) => !m.isLearner));
        const uids = await Promise.all(
            [1, 2, 3].map(async (id) => {
                const { metadata } = await client(id).core.readNamespace({ name: "kube-system" });
                return metadata?.uid;
            }),
        );
        assert.equal(new Set(uids).size, 1);
    });

    it("serve on while any one of them is off", async () => {
        for (const off of [1, 2, 3]) {
            await machines.powerOff(off);
            for (const other of [1, 2, 3].filter((n) => n !== off))
                await eventually(
                    `the API at ${other} while ${off} is off`,
                    async () => {
                        await client(other).core.createNamespacedConfigMap({
                            namespace: "default",
                            body: { metadata: { generateName: "written-" } },
                        });
                    },
                    WAIT,
                );
            if (off === 3)
                await eventually(
                    "NotReady",
                    async () => {
                        assert.equal(await nodeStatus(1, "cp3"), "Unknown");
                    },
                    WAIT,
                );
            await machines.powerOn(machine(off));
            await ready(off);
        }
    });

    it("let go of a member with its Node, and take a new server in its place", async () => {
        await client(1).core.deleteNode({ name: "cp3" });
        await eventually(
            "two members",
            async () => {
                assert.equal((await members(1)).length, 2);
            },
            WAIT,
        );
        await machines.remove(3);
        await machines.powerOn(machine(3, 4));
        await ready(4);
        const found = await members(1);
        assert.equal(found.length, 3);
        assert.ok(found.some((m) => m.peerURLs.includes(`https://${host(4)}:2380`)));
    });
});
