// Proves: what would fail on a real server fails here, with the reason in its console: a wrong checksum or download address, a wrong
// token, flags and labels that k3s or kubelet refuse, a network plugin that cannot come up. Proves nothing about real k3s' timing.
import assert from "node:assert/strict";
import type { KubernetesObject } from "@kubernetes/client-node";
import { parse } from "yaml";
import { BOOT_FILES } from "../../../components/cluster/bootFiles.ts";
import { ClusterClient } from "../../../lab/machines/kubelet/client.ts";
import { K3sReleases } from "../../../lab/machines/k3sRelease.ts";
import { Machines } from "../../../lab/machines/machines.ts";
import { eventually } from "../../support/eventually.ts";
import { claimTestLab, type TestLab } from "../../support/labContext.ts";
import {
    ciliumManifest,
    clusterFixture,
    machineFixture,
    type ClusterFixture,
    type MachineFixtureOptions,
} from "../../support/machineFixture.ts";

const WAIT = { timeout: 120_000, interval: 200 };

describe("machines that cannot do what they were told", function () {
    this.timeout(300_000);
    let lab: TestLab;
    let releases: K3sReleases;
    let machines: Machines;
    let cluster: ClusterFixture;
    const cleanups: (() => Promise<void>)[] = [];
    let id = 0;

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
    });

    after(async () => {
        for (const cleanup of cleanups.reverse()) await cleanup();
    });

    type Options = Partial<MachineFixtureOptions>;
    const boot = async (options: Options) => {
        id++;
        const all: MachineFixtureOptions = {
            addresses: lab.context.addresses,
            cluster,
            id,
            name: `m${id}`,
            role: "agent",
            nodeIp: `10.0.1.${id + 100}`,
            peers: ["10.0.1.2"],
            ...options,
        };
        await machines.powerOn(machineFixture(all));
        return all.id;
    };
    const fails = (machine: number, reason: RegExp) =>
        eventually(
            `machine ${machine} fails`,
            () => {
                assert.match(machines.guest(machine)?.reason ?? "", reason);
            },
            WAIT,
        );

    it("refuses a release file whose SHA-256 is another one", async () => {
        const machine = await boot({ k3sSha256: "0".repeat(64) });
        await fails(machine, /\/v1\.36\.1%2Bk3s1\/k3s: SHA-256 is [0-9a-f]{64}, expected 0{64}$/);
        assert.equal(machines.guest(machine)?.state, "failed");
    });

    it("fails where the release cannot be downloaded", async () => {
        const { prefix } = lab.context.addresses;
        await fails(
            await boot({ k3sDownloadUrl: `http://${prefix}.0.6:8099` }),
            /^http:\/\/\S+:8099\/v1\.36\.1%2Bk3s1\/k3s: connect ECONNREFUSED/,
        );
        await fails(
            await boot({ k3sDownloadUrl: `http://${prefix}.0.6:8080/elsewhere` }),
            /\/elsewhere\/v1\.36\.1%2Bk3s1\/k3s: HTTP 404$/,
        );
    });

    it("ends an agent whose config has a flag that k3s agent does not know", async () => {
        await fails(
            await boot({ k3sConfig: { "tls-san": ["192.0.2.1"] } }),
            /^flag provided but not defined: -tls-san$/,
        );
    });

    it("ends a node that gives itself a reserved role", async () => {
        await fails(
            await boot({ k3sConfig: { "node-label": ["node-role.kubernetes.io/worker=true"] } }),
            /^unknown 'kubernetes\.io' or 'k8s\.io' labels specified with --node-labels: \[node-role\.kubernetes\.io\/worker\]/,
        );
    });

    it("does nothing on a server whose user data starts nothing", async () => {
        const machine = await boot({ without: [BOOT_FILES.environment] });
        await fails(machine, /bootstrap\.env: no such file/);
        id++;
        const plain = machineFixture({
            addresses: lab.context.addresses,
            cluster,
            id,
            name: `m${id}`,
            role: "agent",
            nodeIp: "10.0.1.99",
        });
        await machines.powerOn({ ...plain, userData: "#cloud-config\nruncmd: [hostname]\n" });
        await eventually("an idle machine", () => {
            assert.match(machines.guest(id)?.console.read() ?? "", /nothing starts k3s/);
        });
    });

    describe("with a cluster whose network plugin waits for itself", () => {
        let client: ClusterClient;

        before(async () => {
            const options = {
                role: "server",
                nodeIp: "10.0.1.2",
                name: "cp1",
                peers: [],
                manifests: { "cilium.yaml": ciliumManifest({ bootstrap: false }) },
                k3sConfig: { "no-such-flag": "x" },
            } as const;
            const machine = await boot(options);
            client = new ClusterClient({
                server: `https://${lab.context.addresses.prefix}.128.${machine}:6443`,
                ca: cluster.root.certificate,
                client: cluster.admin,
            });
            await eventually("the API", () => client.core.readNode({ name: "cp1" }), WAIT);
        });

        after(() => client.close());

        const readyCondition = async () =>
            (await client.core.readNode({ name: "cp1" })).status?.conditions?.find(
                (c) => c.type === "Ready",
            );

        it("goes on over an unknown flag of a server, as k3s does, with a warning", () => {
            assert.match(
                machines.guest(id)?.console.read() ?? "",
                /k3s: Unknown flag --no-such-flag found in config\.yaml, skipping/,
            );
        });

        it("keeps the node NotReady: the chart's Job does not tolerate that without `bootstrap`", async () => {
            await eventually(
                "the Job's Pod",
                async () => {
                    const pods = await client.core.listNamespacedPod({
                        namespace: "kube-system",
                        labelSelector: "helmcharts.helm.cattle.io/chart=cilium",
                    });
                    const scheduled = pods.items[0]?.status?.conditions?.find(
                        (c) => c.type === "PodScheduled",
                    );
                    assert.equal(scheduled?.reason, "Unschedulable");
                },
                WAIT,
            );
            const condition = await readyCondition();
            assert.equal(condition?.status, "False");
            assert.match(condition.message ?? "", /cni plugin not initialized/);
        });

        it("refuses tokens with a wrong password, a wrong hash, or of an agent for a server", async () => {
            const [hash = ""] = cluster.agentToken.split("::");
            await fails(
                await boot({ k3sConfig: { token: `${hash}::node:wrong` } }),
                /https:\/\/10\.0\.1\.2:6443\/v1-k3s\/config: 401 Unauthorized$/,
            );
            await fails(
                await boot({ k3sConfig: { token: `K10${"a".repeat(64)}::node:x` } }),
                /token CA hash does not match the Cluster CA certificate hash: a{64} != [0-9a-f]{64}$/,
            );
            await fails(
                await boot({ role: "server", k3sConfig: { token: cluster.agentToken } }),
                /https:\/\/10\.0\.1\.2:6443\/v1-k3s\/server-bootstrap: 403 Forbidden$/,
            );
        });

        it("crashes Cilium where it could not reach the API, and is Ready once it can", async () => {
            const apply = (values: Record<string, unknown>) =>
                client.apply(parse(ciliumManifest({}, values)) as KubernetesObject, "deploy@cp1");
            await apply({ k8sServiceHost: "" });
            await eventually(
                "the crash",
                async () => {
                    const pods = await client.core.listNamespacedPod({
                        namespace: "kube-system",
                        labelSelector: "k8s-app=cilium",
                    });
                    const state = pods.items[0]?.status?.containerStatuses?.[0]?.state?.waiting;
                    assert.equal(state?.reason, "CrashLoopBackOff");
                    assert.match(state.message ?? "", /k8sServiceHost is not set/);
                },
                WAIT,
            );
            assert.equal((await readyCondition())?.status, "False");
            await apply({});
            await eventually(
                "Ready",
                async () => {
                    assert.equal((await readyCondition())?.status, "True");
                },
                WAIT,
            );
        });

        it("refuses a second machine with the name of a node that is still there", async () => {
            await fails(
                await boot({ k3sConfig: { "node-name": "cp1" } }),
                /Node password rejected, duplicate hostname/,
            );
        });
    });
});
