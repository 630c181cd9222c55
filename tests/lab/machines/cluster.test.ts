// Proves: a server's user data alone brings up a real Kubernetes with exactly the given PKI, tokens and SANs; a worker joins it; a process
// that dies, the lab's restart and a machine's removal leave what they should. Proves nothing about k3s' binary: it is played.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { connect as connectTls } from "node:tls";
import { issueLeaf, selfSignedCa } from "../../../lab/machines/control/pki.ts";
import { ClusterClient, statusOf } from "../../../lab/machines/kubelet/client.ts";
import { eventually } from "../../support/eventually.ts";
import { machineFixture } from "../../support/machineFixture.ts";
import { RunningCluster, WAIT } from "../../support/runningCluster.ts";

function isAlive(pid: number): boolean {
    try {
        return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
    } catch {
        return false;
    }
}

describe("a cluster of the lab's machines", function () {
    this.timeout(300_000);
    let running: RunningCluster;

    before(async () => {
        running = await RunningCluster.claim();
    });

    after(() => running.release());

    it("waits for its private interface, which the cloud attaches after the start", async () => {
        const { control, worker } = running.options;
        await running.machines.powerOn(machineFixture({ ...control, attached: false }));
        await running.machines.powerOn(machineFixture(worker));
        await eventually("the wait", () => {
            assert.equal(running.machines.guest(1)?.state, "waiting for its private interface");
        });
        await running.machines.networksChanged(machineFixture(control));
        await running.connect();
    });

    it("serves a certificate with exactly the names that k3s would put there", async () => {
        const names = await new Promise<string>((resolve, reject) => {
            const socket = connectTls(
                {
                    host: `${running.lab.context.addresses.prefix}.128.1`,
                    port: 6443,
                    ca: running.cluster.root.certificate,
                    servername: "kubernetes",
                },
                () => {
                    resolve(String(socket.getPeerCertificate().subjectaltname));
                    socket.destroy();
                },
            );
            socket.once("error", reject);
        });
        assert.deepEqual(names.split(", ").sort(), [
            "DNS:cp1",
            "DNS:kubernetes",
            "DNS:kubernetes.default",
            "DNS:kubernetes.default.svc",
            "DNS:kubernetes.default.svc.cluster.local",
            "DNS:localhost",
            "IP Address:0:0:0:0:0:0:0:1",
            "IP Address:10.0.1.2",
            "IP Address:10.43.0.1",
            "IP Address:127.0.0.1",
            "IP Address:192.0.2.10",
        ]);
    });

    it("registers nodes with addresses, labels and the version they were given", async () => {
        const node = await running.client.core.readNode({ name: "cp1" });
        assert.equal(node.metadata?.labels?.["node-role.kubernetes.io/control-plane"], "true");
        assert.deepEqual(
            node.status?.addresses?.find((a) => a.type === "InternalIP")?.address,
            "10.0.1.2",
        );
        assert.equal(node.status.nodeInfo?.kubeletVersion, "v1.36.1+k3s1");
    });

    it("refuses a client of another CA", async () => {
        const other = await issueLeaf(await selfSignedCa("other"), {
            commonName: "x",
            organizations: ["system:masters"],
            usages: ["client"],
        });
        const stranger = new ClusterClient({
            server: `https://${running.lab.context.addresses.prefix}.128.1:6443`,
            ca: running.cluster.root.certificate,
            client: other,
        });
        await assert.rejects(stranger.core.listNode(), (error) => statusOf(error) === 401);
    });

    it("serves no CustomResourceDefinition but those of k3s and Cilium", async () => {
        const reply = (await running.client.custom.listClusterCustomObject({
            group: "apiextensions.k8s.io",
            version: "v1",
            plural: "customresourcedefinitions",
        })) as { items: { spec: { group: string } }[] };
        assert.deepEqual([...new Set(reply.items.map((i) => i.spec.group))].sort(), [
            "cilium.io",
            "helm.cattle.io",
            "k3s.cattle.io",
        ]);
    });

    it("starts a process again that died", async () => {
        const kwok = () =>
            running.machines.status().processes.find((p) => p.name === "w1/kwok")?.pid;
        const before = kwok();
        assert.ok(before);
        process.kill(before, "SIGKILL");
        await eventually(
            "a new process",
            () => {
                const pid = kwok();
                assert.ok(pid !== undefined && pid !== before);
            },
            WAIT,
        );
        assert.match(
            running.machines.guest(2)?.console.read() ?? "",
            /kwok was ended by SIGKILL; starting it again in 1000 ms/,
        );
    });

    it("starts everything again from the disks when the lab does", async () => {
        await running.pod("web", {});
        await running.running("web");
        const before = (await running.client.core.readNamespace({ name: "kube-system" })).metadata
            ?.uid;
        const pids = running.machines.status().processes.map((p) => p.pid);
        assert.ok(pids.length >= 6);
        await running.restart(() => {
            assert.deepEqual(pids.filter(isAlive), []);
        });
        await running.ready(1);
        await running.ready(2);
        const after = (await running.client.core.readNamespace({ name: "kube-system" })).metadata
            ?.uid;
        assert.equal(after, before);
        const restarted = await running.running("web");
        assert.equal(restarted.status?.containerStatuses?.[0]?.restartCount, 1);
    });

    it("ends a removed machine's processes and its disk", async () => {
        const pids = running.machines
            .status()
            .processes.filter((p) => p.name.startsWith("w1/"))
            .map((p) => p.pid);
        assert.equal(pids.length, 1);
        const file = running.machines.guest(2)?.console.file ?? "";
        assert.ok(existsSync(file));
        await running.machines.remove(2);
        assert.deepEqual(pids.filter(isAlive), []);
        assert.equal(existsSync(file), false);
    });
});
