// Proves: the only control plane is not replaced by accident, neither through its generation nor after its server is gone. On the real
// engine against a lab; proves nothing about Hetzner itself or k3s' binary.
import assert from "node:assert/strict";
import type { PulumiCli } from "../../lab/pulumiCli.ts";
import { stackOutputs, up, type StackOutputs } from "../support/stackOutputs.ts";
import { startTestLab, testStack, type TestLab } from "../support/toolchain.ts";

const REFUSAL =
    /is the only control plane: replacing its server loses the cluster with everything in it/;
const ADVICE = /raise the epoch: `pulumi config set epoch 2`/;

describe("a Sovereign with one control plane", function () {
    this.timeout(900_000);
    let lab: TestLab;
    let first: StackOutputs;

    const stackWith = (changes: Readonly<Record<string, unknown>> = {}) =>
        testStack(lab.context, {
            overrides: { controlPlaneCount: 1, workerCount: 0, protect: false, ...changes },
        });
    const refusesPreview = async (stack: PulumiCli) => {
        const { exitCode, stdout, stderr } = await stack.run(["preview"]);
        assert.notEqual(exitCode, 0, stdout);
        assert.match(stdout + stderr, REFUSAL);
        assert.match(stdout + stderr, ADVICE);
    };

    before(async () => {
        lab = await startTestLab();
        const stack = await stackWith();
        await up(stack);
        first = await stackOutputs(stack);
    });

    after(() => lab.stop());

    it("refuses a new generation of it", async () => {
        await refusesPreview(await stackWith({ generations: { cp1: 2 } }));
        const [project] = Object.values(lab.hetzner.snapshot().projects);
        assert.deepEqual(
            project?.servers.map(({ id }) => String(id)),
            [first.serverIds.cp1],
        );
    });

    it("refuses to go on without its server", async () => {
        const stack = await stackWith();
        const [project = ""] = Object.keys(lab.hetzner.snapshot().projects);
        await lab.hetzner.drift({ project, kind: "servers", id: Number(first.serverIds.cp1) });
        const refresh = await stack.run(["refresh", "--yes", "--skip-preview"]);
        assert.equal(refresh.exitCode, 0, refresh.stdout + refresh.stderr);
        await refusesPreview(stack);
    });
});
