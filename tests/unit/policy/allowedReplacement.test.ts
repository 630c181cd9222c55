/**
 * Proves when the policy on replacements stops a preview: what was in the state and is made anew or gone, unless a configuration
 * says so. It does not prove that the engine tells a replacement as these tests do (`tests/e2e/policy.test.ts`).
 */
import assert from "node:assert/strict";
import type { Resource } from "../../../policy/engine/resource.ts";
import { parseSavedResources } from "../../../policy/engine/savedState.ts";
import type { SavedResource, StackRun } from "../../../policy/engine/stackRun.ts";
import { allowedReplacement } from "../../../policy/rules/allowedReplacement.ts";
import type { Cell } from "../../e2e/policyProject/plan.ts";
import { declared, judge } from "../../support/policy/judge.ts";
import { network, server } from "../../support/policy/resources.ts";

const LABELS: Cell = { "catalyst.openova.io/node": "w1" };

function run(saved: readonly SavedResource[], config: Record<string, string> = {}): StackRun {
    return { preview: true, config, savedResources: () => Promise.resolve(saved) };
}

function savedOf({ urn, type }: Resource, replacementTrigger?: string): SavedResource {
    return {
        urn,
        type,
        outputs: { id: "1" },
        ...(replacementTrigger !== undefined && { replacementTrigger }),
    };
}

const kept = declared("net", network({ id: "1" }));
const remade = declared("net", network({ id: { $later: "2" } }));
const remadeServer = declared("w1", server({ id: { $later: "2" }, labels: LABELS }));

async function messages(
    resources: readonly Resource[],
    how: StackRun,
    config: unknown = {},
): Promise<readonly string[] | undefined> {
    const found = await judge(allowedReplacement, resources, how, config);
    return found?.map(({ message }) => message);
}

describe("the policy on replacements", () => {
    it("passes what stays", async () => {
        assert.deepEqual(await messages([kept], run([savedOf(kept)])), []);
    });

    it("stops a replacement, and a deletion", async () => {
        assert.deepEqual(await messages([remade], run([savedOf(kept)])), [
            "net would be replaced, and what it holds is lost: undo the change that causes it, or add net to allow in the configuration of this policy",
        ]);
        assert.deepEqual(await messages([], run([savedOf(kept)])), [
            "net would be deleted, and what it holds is lost: undo the change that causes it, or add net to allow in the configuration of this policy",
        ]);
    });

    it("lets pass what its configuration names", async () => {
        for (const allow of [["net"], ["n*"]])
            assert.deepEqual(await messages([remade], run([savedOf(kept)]), { allow }), []);
        assert.equal(
            (await messages([remade], run([savedOf(kept)]), { allow: ["ne"] }))?.length,
            1,
        );
    });

    it("lets a server pass whose generation or epoch was raised, and no other", async () => {
        const saved = [savedOf(remadeServer, "epoch 1, generation 2")];
        const config = (generation: number, epoch: number) => ({
            "sovereign:generations": JSON.stringify({ w1: generation, w2: 9 }),
            "sovereign:epoch": String(epoch),
        });
        assert.deepEqual(await messages([remadeServer], run(saved, config(3, 1))), []);
        assert.deepEqual(await messages([remadeServer], run(saved, config(2, 2))), []);
        assert.deepEqual(await messages([remadeServer], run(saved, config(2, 1))), [
            "w1 would be replaced, and what it holds is lost (a server is replaced on purpose by generations in the stack's configuration): undo the change that causes it, or add w1 to allow in the configuration of this policy",
        ]);
    });

    it("has no say in an update, in a new stack, and on what holds no state", async () => {
        const update = { ...run([savedOf(kept)]), preview: false };
        assert.equal(await messages([remade], update), undefined);
        assert.equal(await messages([remade], run([])), undefined);
        const certificate = declared("k", { type: "tls:index/privateKey:PrivateKey", props: {} });
        assert.equal(await messages([], run([savedOf(certificate)])), undefined);
    });

    it("stops what nobody can judge because the state cannot be read", async () => {
        const unreadable = {
            ...run([]),
            savedResources: () => Promise.reject(new Error("spawn pulumi ENOENT")),
        };
        assert.deepEqual(await messages([kept], unreadable), [
            "what the stack holds cannot be read, so nobody can tell what would be lost: spawn pulumi ENOENT. Put the Pulumi CLI on PATH and log it in to the stack's backend, or set this policy to advisory",
        ]);
    });

    it("reads the state as the CLI exports it, without what only waits for its deletion", () => {
        const resource = { urn: "urn:a", type: "t", outputs: { id: "1" } };
        assert.deepEqual(
            parseSavedResources(
                JSON.stringify({
                    version: 3,
                    deployment: {
                        resources: [
                            { ...resource, replacementTrigger: "epoch 1, generation 1" },
                            { ...resource, urn: "urn:b", delete: true },
                            { urn: "urn:c", type: "t" },
                        ],
                    },
                }),
            ),
            [
                { ...resource, replacementTrigger: "epoch 1, generation 1" },
                { urn: "urn:c", type: "t", outputs: {} },
            ],
        );
        assert.deepEqual(parseSavedResources('{"version":3,"deployment":{}}'), []);
    });
});
