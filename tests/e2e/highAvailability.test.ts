// Proves: three control planes are one cluster with three etcd members; its API goes on behind the load balancer while any one machine is off, and
// while one update replaces all three servers, addresses and PTR records kept; a raised epoch builds another such cluster. On the real engine against a lab; proves nothing
// about Hetzner itself, k3s' binary or its timing.
import assert from "node:assert/strict";
import { EtcdMembers } from "../../lab/machines/control/etcdMembers.ts";
import { connect } from "../../provider/cluster/kubernetesApi.ts";
import { isReady } from "../../provider/cluster/quorum.ts";
import { ApiProber, longestOutage, probeApi } from "../support/apiProber.ts";
import { eventually } from "../support/eventually.ts";
import { startTestLab, testStack, type TestLab } from "../support/toolchain.ts";
import { readOutputs, up, type Outputs } from "./sovereignLab.ts";

const KEYS = ["cp1", "cp2", "cp3"];
const WAIT = { timeout: 180_000, interval: 250 };
const ETCD_TLS = "/var/lib/rancher/k3s/server/tls/etcd";
/** Probes that may fail in a row: the load balancer's health check takes less to leave out a member. */
const TOLERATED = 9;

describe("a Sovereign with three control planes", function () {
    this.timeout(900_000);
    let lab: TestLab;
    let first: Outputs;

    const stackWith = (changes: Readonly<Record<string, unknown>> = {}) =>
        testStack(lab.context, {
            overrides: { controlPlaneCount: 3, workerCount: 0, ...changes },
        });
    const nodes = async () => {
        const api = connect(first.cluster.kubeconfig, new AbortController().signal);
        return (await api.core.listNode({}, api.options())).items;
    };
    const allReady = () =>
        eventually(
            "three Ready nodes",
            async () => {
                const found = await nodes();
                assert.equal(found.length, 3);
                for (const node of found) {
                    assert.ok(isReady(node), `${node.metadata?.name} is not Ready`);
                    const labels = node.metadata?.labels ?? {};
                    assert.equal(labels["node-role.kubernetes.io/etcd"], "true");
                }
            },
            WAIT,
        );
    const servers = () =>
        Object.values(lab.hetzner.snapshot().projects).flatMap((project) => project.servers);
    const votingMembers = async () => {
        const [server] = servers();
        const disk = lab.machines.guest(server?.id ?? 0)?.disk;
        const read = async (file: string) => (await disk?.read(`${ETCD_TLS}/${file}`)) ?? "";
        const etcd = new EtcdMembers(server?.hostAddress ?? "", await read("server-ca.crt"), {
            certificate: await read("client.crt"),
            privateKey: await read("client.key"),
        });
        const members = await etcd.list();
        return members.filter((m) => !m.isLearner).flatMap((m) => m.peerURLs);
    };
    const threeMembers = async () => {
        const expected = servers().map(({ hostAddress }) => `https://${hostAddress}:2380`);
        assert.equal(expected.length, 3);
        assert.deepEqual((await votingMembers()).sort(), expected.sort());
    };
    const hasOtherServersAtTheSameAddresses = (now: Outputs) => {
        for (const key of KEYS) assert.notEqual(now.serverIds[key], first.serverIds[key], key);
        assert.deepEqual(now.cloud.nodeIpv4, first.cloud.nodeIpv4);
        assert.deepEqual(now.cloud.ptrRecords, first.cloud.ptrRecords);
        assert.equal(now.cloud.loadBalancerIpv4, first.cloud.loadBalancerIpv4);
    };
    const power = async (id: string, action: "poweron" | "poweroff") => {
        const reply = await fetch(`${lab.hetzner.endpoint}/servers/${id}/actions/${action}`, {
            method: "POST",
            headers: { authorization: `Bearer ${lab.context.credentials.hcloudToken}` },
        });
        assert.equal(reply.status, 201, await reply.text());
    };

    before(async () => {
        lab = await startTestLab();
        const stack = await stackWith();
        await up(stack);
        first = await readOutputs(stack);
    });

    after(() => lab.stop());

    it("is one cluster of three Ready nodes and three etcd members", async () => {
        await allReady();
        await threeMembers();
    });

    for (const key of KEYS)
        it(`serves its API while ${key} is off`, async () => {
            const id = first.serverIds[key] ?? "";
            await power(id, "poweroff");
            await eventually("the machine's end", () => {
                assert.equal(servers().find((s) => String(s.id) === id)?.status, "off");
            });
            await eventually(
                "the API",
                async () => {
                    assert.equal(await probeApi(first.cluster.kubeconfig), "ready");
                    assert.equal((await nodes()).length, 3);
                },
                WAIT,
            );
            const asked = Array.from({ length: 10 }, () => probeApi(first.cluster.kubeconfig));
            assert.deepEqual(new Set(await Promise.all(asked)), new Set(["ready"]));
            await power(id, "poweron");
            await eventually(
                `${key} Ready`,
                () => {
                    assert.ok(lab.machines.guest(Number(id))?.nodeReady);
                },
                WAIT,
            );
            await allReady();
        });

    it("replaces all three servers in one update, and its API goes on", async () => {
        const stack = await stackWith({ generations: { cp1: 2, cp2: 2, cp3: 2 } });
        const prober = new ApiProber(first.cluster.kubeconfig);
        let results: readonly string[];
        try {
            await up(stack);
        } finally {
            results = await prober.stop();
        }
        assert.ok(results.includes("ready"));
        const outage = longestOutage(results);
        assert.ok(outage.length <= TOLERATED, `${outage.length} in a row: ${outage.join("; ")}`);
        const now = await readOutputs(stack);
        hasOtherServersAtTheSameAddresses(now);
        assert.equal(now.cluster.uid, first.cluster.uid);
        await allReady();
        await threeMembers();
    });

    it("is another cluster of three at the same addresses once its epoch is raised", async () => {
        const stack = await stackWith({ generations: { cp1: 2, cp2: 2, cp3: 2 }, epoch: 2 });
        await up(stack);
        const now = await readOutputs(stack);
        hasOtherServersAtTheSameAddresses(now);
        assert.notEqual(now.cluster.uid, first.cluster.uid);
        assert.deepEqual(
            [now.stalwartReleaseStatus, now.catalystReleaseStatus],
            ["deployed", "deployed"],
        );
        first = now;
        await allReady();
        await threeMembers();
        const preview = await stack.run(["preview", "--expect-no-changes"]);
        assert.equal(preview.exitCode, 0, preview.stdout + preview.stderr);
    });
});
