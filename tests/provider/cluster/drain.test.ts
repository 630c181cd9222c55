// Proves: which pods a drain moves, that it asks again while a disruption budget refuses, and that it ends where evicted
// pods come back to the cordoned node or their kubelet is gone. The API is a list of pods with the eviction subresource;
// does not prove: a real API server's and scheduler's part (tests/e2e/highAvailability.test.ts does).
import assert from "node:assert/strict";
import { ApiException, type V1Pod } from "@kubernetes/client-node";

import { evictPods, staysDuringDrain, toleratesCordon } from "../../../provider/cluster/drain.ts";
import type { KubernetesApi } from "../../../provider/cluster/kubernetesApi.ts";

const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

const pod = (name: string, rest: Pick<V1Pod, "metadata" | "spec" | "status"> = {}): V1Pod => ({
    ...rest,
    metadata: Object.assign({ name, namespace: "apps", uid: `uid-of-${name}` }, rest.metadata),
});
const owned = (kind: string) =>
    pod("x", {
        metadata: {
            ownerReferences: [
                { apiVersion: "apps/v1", kind, name: "x", uid: "u", controller: true },
            ],
        },
    });
const tolerating = (name: string) =>
    pod(name, { spec: { containers: [], tolerations: [{ operator: "Exists" }] } });

describe("pods that a drain moves", () => {
    it("are those that come back elsewhere", () => {
        assert.equal(staysDuringDrain(owned("ReplicaSet")), false);
        assert.equal(staysDuringDrain(pod("bare")), false);
    });
    for (const [what, stays] of [
        ["a DaemonSet's", owned("DaemonSet")],
        [
            "the kubelet's own",
            pod("m", { metadata: { annotations: { "kubernetes.io/config.mirror": "h" } } }),
        ],
        ["one that has succeeded", pod("s", { status: { phase: "Succeeded" } })],
        ["one that has failed", pod("f", { status: { phase: "Failed" } })],
    ] as const)
        it(`are not ${what}`, () => {
            assert.equal(staysDuringDrain(stays), true);
        });
});

describe("a pod that tolerates the cordon", () => {
    for (const [toleration, tolerates] of [
        [{ operator: "Exists" }, true],
        [{ operator: "Exists", effect: "NoSchedule" }, true],
        [{ key: UNSCHEDULABLE, operator: "Exists", effect: "NoSchedule" }, true],
        [{ key: UNSCHEDULABLE }, true],
        [{ operator: "Exists", effect: "NoExecute" }, false],
        [{ key: "node.kubernetes.io/not-ready", operator: "Exists" }, false],
    ] as const)
        it(`${JSON.stringify(toleration)}: ${tolerates ? "does" : "does not"}`, () => {
            assert.equal(
                toleratesCordon(pod("x", { spec: { containers: [], tolerations: [toleration] } })),
                tolerates,
            );
        });
    it("is none without tolerations", () => {
        assert.equal(toleratesCordon(pod("x")), false);
    });
});

describe("a drain", () => {
    /** Drains a node whose pods answer an eviction as `onEvict` says; gives the names of evicted pods, in order. */
    const drain = async (
        pods: V1Pod[],
        onEvict: (name: string, asked: number) => void,
        nodeReady = true,
    ) => {
        const asked: string[] = [];
        const api = {
            server: "https://127.0.0.1:6443",
            options: () => ({}),
            core: {
                listPodForAllNamespaces: () => Promise.resolve({ items: [...pods] }),
                createNamespacedPodEviction: ({ name }: { readonly name: string }) => {
                    asked.push(name);
                    onEvict(name, asked.filter((n) => n === name).length);
                    return Promise.resolve({});
                },
            },
        } as unknown as KubernetesApi;
        const waited: string[] = [];
        await evictPods(api, "n1", {
            nodeReady,
            timeoutSeconds: 0.2,
            intervalMs: 1,
            signal: new AbortController().signal,
            onWaiting: (reason) => waited.push(reason),
        });
        return { asked, waited };
    };
    const take = (pods: V1Pod[], name: string) => {
        pods.splice(
            pods.findIndex((p) => p.metadata?.name === name),
            1,
        );
    };

    it("evicts what it moves and says what it waits for", async () => {
        const pods = [pod("web"), owned("DaemonSet"), pod("api")];
        const { asked, waited } = await drain(pods, (name) => {
            take(pods, name);
        });
        assert.deepEqual(asked, ["web", "api"]);
        assert.deepEqual(waited, ["draining n1: apps/api, apps/web"]);
    });

    it("asks again while a disruption budget refuses", async () => {
        const pods = [pod("web")];
        const { asked } = await drain(pods, (name, times) => {
            if (times < 3) throw new ApiException(429, "Too Many Requests", "", {});
            take(pods, name);
        });
        assert.deepEqual(asked, ["web", "web", "web"]);
    });

    it("evicts a pod once that its owner puts right back on the cordoned node", async () => {
        const pods = [tolerating("operator-1")];
        const { asked } = await drain(pods, (name) => {
            take(pods, name);
            pods.push(tolerating("operator-2"));
        });
        assert.deepEqual(asked, ["operator-1"]);
    });

    it("moves a pod too that the scheduler placed while the node was being cordoned", async () => {
        const pods = [pod("web")];
        const { asked } = await drain(pods, (name) => {
            take(pods, name);
            if (name === "web") pods.push(pod("late"));
        });
        assert.deepEqual(asked, ["web", "late"]);
    });

    const terminating = () =>
        pod("web", { metadata: { deletionTimestamp: new Date("2026-01-01T00:00:00Z") } });

    it("does not wait for pods that nothing ends, since the node is not Ready", async () => {
        const { asked } = await drain([terminating()], () => undefined, false);
        assert.deepEqual(asked, []);
    });

    it("waits for pods that end on a Ready node, and names them where they do not", async () => {
        await assert.rejects(
            drain([terminating()], () => undefined),
            { message: "drain of node n1: not within 0.2 s; at the end: draining n1: apps/web" },
        );
    });
});
