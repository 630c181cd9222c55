// Proves, over gRPC as the engine asks: what replaces a Node, and that the only control plane is replaced for another epoch
// alone, also when the engine asks with the old inputs. Does not prove: create and delete against a cluster (tests/e2e does).
import assert from "node:assert/strict";
import { ProviderClient, secret, unknown, type Props } from "../support/client.ts";

const TOKEN = "sovereign:cluster:Node";

const REFUSAL =
    "node catalyst-omantel-example-cp1 is the only control plane: replacing its server loses the cluster with everything in it. " +
    "To build the cluster anew on purpose, raise the epoch: `pulumi config set epoch 3`.";

const inputs = (changes: Props = {}): Props => ({
    name: "catalyst-omantel-example-cp1",
    serverId: "4711",
    role: "control-plane",
    controlPlanes: 1,
    epoch: 2,
    kubeconfig: secret("apiVersion: v1"),
    timeoutSeconds: 900,
    ...changes,
});

describe("what replaces a Node", () => {
    const providers = new Map<number, ProviderClient>();

    before(async function () {
        this.timeout(60_000);
        for (const epoch of [2, 3])
            providers.set(epoch, await ProviderClient.start({ epoch: String(epoch) }));
    });

    after(async () => {
        for (const provider of providers.values()) await provider.stop();
    });

    const diff = async (epoch: number, before: Props, after: Props) => {
        const provider = providers.get(epoch);
        assert.ok(provider);
        const id = "catalyst-omantel-example-cp1";
        const existing = { id, state: { ...before, uid: "u" }, inputs: before };
        return await provider.diff(TOKEN, existing, after);
    };

    it("is another server, another name and another epoch, deleting the old one first", async () => {
        for (const change of [{ serverId: "4712" }, { name: "catalyst-omantel-example-cp9" }]) {
            const { replaces, deleteBeforeReplace } = await diff(
                2,
                inputs({ controlPlanes: 3 }),
                inputs({ controlPlanes: 3, ...change }),
            );
            assert.deepEqual([replaces, deleteBeforeReplace], [Object.keys(change), true]);
        }
        const { replaces } = await diff(
            3,
            inputs({ controlPlanes: 3 }),
            inputs({ controlPlanes: 3, epoch: 3 }),
        );
        assert.deepEqual(replaces, ["epoch"]);
    });

    it("is not another kubeconfig or time limit", async () => {
        const { replaces } = await diff(
            2,
            inputs(),
            inputs({ kubeconfig: secret("renewed"), timeoutSeconds: 60 }),
        );
        assert.deepEqual(replaces, []);
    });

    it("is refused for the only control plane within an epoch", async () => {
        await assert.rejects(diff(2, inputs(), inputs({ serverId: "4712" })), (error: Error) => {
            assert.ok(error.message.includes(REFUSAL), error.message);
            return true;
        });
    });

    it("is allowed for the only control plane of another epoch", async () => {
        const { replaces } = await diff(3, inputs(), inputs({ serverId: unknown, epoch: 3 }));
        assert.deepEqual(replaces.toSorted(), ["epoch", "serverId"]);
    });

    it("is allowed too when the engine asks with the old inputs and an unknown server", async () => {
        const { replaces } = await diff(3, inputs(), inputs({ serverId: unknown }));
        assert.deepEqual(replaces, ["serverId"]);
    });

    it("is allowed for a worker, and for one control plane of three", async () => {
        for (const kind of [{ role: "worker" }, { controlPlanes: 3 }]) {
            const { replaces } = await diff(2, inputs(kind), inputs({ ...kind, serverId: "4712" }));
            assert.deepEqual(replaces, ["serverId"]);
        }
    });
});
