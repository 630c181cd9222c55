// Proves: the only control plane is not replaced by accident, neither through its generation nor after its server is gone; raising the epoch
// builds the cluster anew, with everything in it, at the same addresses. On the real engine against a lab; proves nothing about
// Hetzner itself or k3s' binary.
import assert from "node:assert/strict";
import type { PulumiCli } from "../../lab/pulumiCli.ts";
import { startTestLab, testStack, type TestLab } from "../support/toolchain.ts";
import { readOutputs, up, type Outputs } from "./sovereignLab.ts";

const REFUSAL =
    /is the only control plane: replacing its server loses the cluster with everything in it/;

describe("a Sovereign with one control plane", function () {
    this.timeout(900_000);
    let lab: TestLab;
    let first: Outputs;

    const stackWith = (changes: Readonly<Record<string, unknown>> = {}) =>
        testStack(lab.context, {
            overrides: { controlPlaneCount: 1, workerCount: 0, ...changes },
        });
    const refusesPreview = async (stack: PulumiCli, epoch: number) => {
        const { exitCode, stdout, stderr } = await stack.run(["preview"]);
        assert.notEqual(exitCode, 0, stdout);
        assert.match(stdout + stderr, REFUSAL);
        assert.ok(
            (stdout + stderr).includes(`raise the epoch: \`pulumi config set epoch ${epoch}\``),
        );
    };

    const raisesEpoch = async (epoch: number) => {
        const before = await readOutputs(await stackWith({ epoch: epoch - 1 }));
        const stack = await stackWith({ epoch });
        await up(stack);
        const now = await readOutputs(stack);
        assert.equal(now.cluster.epoch, epoch);
        assert.notEqual(now.cluster.uid, before.cluster.uid);
        assert.notEqual(now.serverIds.cp1, before.serverIds.cp1);
        for (const kept of ["loadBalancerIpv4", "nodeIpv4", "ptrRecords"] as const)
            assert.deepEqual(now.cloud[kept], first.cloud[kept], kept);
        assert.equal(now.stalwartReleaseStatus, "deployed");
        assert.equal(now.catalystReleaseStatus, "deployed");
        const preview = await stack.run(["preview", "--expect-no-changes"]);
        assert.equal(preview.exitCode, 0, preview.stdout + preview.stderr);
    };

    before(async () => {
        lab = await startTestLab();
        const stack = await stackWith();
        await up(stack);
        first = await readOutputs(stack);
    });

    after(() => lab.stop());

    it("refuses a new generation of it", async () => {
        await refusesPreview(await stackWith({ generations: { cp1: 2 } }), 2);
        const [project] = Object.values(lab.hetzner.snapshot().projects);
        assert.deepEqual(
            project?.servers.map(({ id }) => String(id)),
            [first.serverIds.cp1],
        );
    });

    it("builds the cluster anew in another epoch, at the same addresses", async () => {
        await raisesEpoch(2);
    });

    it("refuses to go on without its server, and builds the cluster anew in another epoch", async () => {
        const stack = await stackWith({ epoch: 2 });
        const { serverIds } = await readOutputs(stack);
        const [project = ""] = Object.keys(lab.hetzner.snapshot().projects);
        await lab.hetzner.drift({ project, kind: "servers", id: Number(serverIds.cp1) });
        const refresh = await stack.run(["refresh", "--yes", "--skip-preview"]);
        assert.equal(refresh.exitCode, 0, refresh.stdout + refresh.stderr);
        await refusesPreview(stack, 3);
        await raisesEpoch(3);
    });
});
