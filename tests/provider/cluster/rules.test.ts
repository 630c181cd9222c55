// Proves: the pure rules of Node and ApiReady (when etcd keeps its majority, how long refusals are put up with,
// what a failed call means). Does not prove: behaviour against a real API server (tests/e2e does).
import assert from "node:assert/strict";
import type { V1Node } from "@kubernetes/client-node";
import { ApiException } from "@kubernetes/client-node";

import { ApiRefused, ApiUnreachable, classify } from "../../../provider/cluster/kubernetesApi.ts";
import { keepsQuorum } from "../../../provider/cluster/quorum.ts";
import { toleratingRefusals } from "../../../provider/cluster/refusals.ts";

const controlPlane = (name: string, ready: boolean): V1Node => ({
    metadata: { name, labels: { "node-role.kubernetes.io/control-plane": "true" } },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
});

describe("quorum", () => {
    const worker: V1Node = {
        metadata: { name: "w1", labels: {} },
        status: { conditions: [{ type: "Ready", status: "True" }] },
    };
    for (const [what, others, keeps] of [
        ["three healthy", [true, true], true],
        ["one of the others is down", [true, false], false],
        ["both others are down", [false, false], false],
        ["two control planes, the other healthy", [true], true],
        ["two control planes, the other down", [false], false],
        ["the last one", [], true],
    ] as const)
        it(`${what}: ${keeps ? "may" : "may not"} leave`, () => {
            const nodes = [
                controlPlane("cp1", true),
                worker,
                ...others.map((ready, i) => controlPlane(`cp${i + 2}`, ready)),
            ];
            assert.equal(keepsQuorum(nodes, "cp1"), keeps);
        });
});

describe("what a failed call means", () => {
    const server = "https://127.0.0.1:6443";
    const failure = (code: string) => new TypeError("fetch failed", { cause: { code } });
    for (const [what, error, kind, message] of [
        [
            "a closed port",
            failure("ECONNREFUSED"),
            ApiUnreachable,
            `the Kubernetes API at ${server} cannot be reached (ECONNREFUSED)`,
        ],
        [
            "a foreign CA",
            failure("UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
            ApiRefused,
            `the Kubernetes API at ${server} does not present a certificate of this cluster's CA for that address (UNABLE_TO_VERIFY_LEAF_SIGNATURE)`,
        ],
        [
            "a certificate without the address",
            failure("ERR_TLS_CERT_ALTNAME_INVALID"),
            ApiRefused,
            `the Kubernetes API at ${server} does not present a certificate of this cluster's CA for that address (ERR_TLS_CERT_ALTNAME_INVALID)`,
        ],
        [
            "an expired client certificate",
            new ApiException(401, "Unauthorized", "", {}),
            ApiRefused,
            `the Kubernetes API at ${server} does not accept the admin client certificate (401): expired, or of another cluster`,
        ],
        [
            "an API that is starting",
            new ApiException(503, "Service Unavailable", "", {}),
            ApiUnreachable,
            `the Kubernetes API at ${server} answers 503`,
        ],
    ] as const)
        it(what, () => {
            const result = classify(error, server);
            assert.ok(result instanceof kind);
            assert.equal(result.message, message);
        });

    it("leaves every other answer of the API as it is", () => {
        const conflict = new ApiException(409, "Conflict", "", {});
        assert.equal(classify(conflict, server), conflict);
    });
});

describe("refusals during a wait", () => {
    it("are put up with for two minutes, counted anew after every answer", async () => {
        let now = 0;
        let fails = true;
        const attempt = toleratingRefusals(
            () => (fails ? Promise.reject(new ApiRefused("no")) : Promise.resolve({ value: 1 })),
            () => now,
        );
        assert.deepEqual(await attempt(), { missing: "no" });
        now = 119_000;
        assert.deepEqual(await attempt(), { missing: "no" });
        fails = false;
        assert.deepEqual(await attempt(), { value: 1 });
        fails = true;
        now = 200_000;
        assert.deepEqual(await attempt(), { missing: "no" });
        now = 320_000;
        await assert.rejects(attempt(), new ApiRefused("no"));
    });

    it("never end because the API cannot be reached, and at once for any other error", async () => {
        const unreachable = toleratingRefusals(() => Promise.reject(new ApiUnreachable("later")));
        assert.deepEqual(await unreachable(), { missing: "later" });
        const broken = toleratingRefusals(() => Promise.reject(new Error("bug")));
        await assert.rejects(broken(), { message: "bug" });
    });
});
