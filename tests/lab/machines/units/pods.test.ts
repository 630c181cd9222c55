// Proves: the rules by which Pods wait, mounted files are found and charts are read. Pure: no API server.
import assert from "node:assert/strict";
import type { V1Pod, V1Secret } from "@kubernetes/client-node";
import { registryOf } from "../../../../components/platform/pullSecret.ts";
import { helmChartSchema, installJob } from "../../../../lab/machines/addons/helmCharts.ts";
import { chartValues, checkChartSource } from "../../../../lab/machines/addons/klipper.ts";
import { parseManifest } from "../../../../lab/machines/addons/manifests.ts";
import { serviceAddresses } from "../../../../lab/machines/addons/serviceLoadBalancer.ts";
import { findMount, listMounted, readMounted } from "../../../../lab/machines/kubelet/mounts.ts";
import { parseTaint } from "../../../../lab/machines/kubelet/nodeAgent.ts";
import { hasCredentialsFor, podHindrances } from "../../../../lab/machines/kubelet/podChecks.ts";
import type { ReferenceReader } from "../../../../lab/machines/kubelet/references.ts";
import { capacityOf } from "../../../../lab/machines/kubelet/serverTypes.ts";

function reader(secrets: Record<string, V1Secret> = {}): ReferenceReader {
    return {
        secret: (_namespace, name) => Promise.resolve(secrets[name]),
        configMap: () => Promise.resolve(undefined),
        claim: (_namespace, name) =>
            Promise.resolve(name === "bound" ? { status: { phase: "Bound" } } : undefined),
    };
}

const secret = (data: Record<string, string>, type?: string): V1Secret => ({
    ...(type ? { type } : {}),
    data: Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
    ),
});

describe("what keeps a Pod from starting", () => {
    const pod = (spec: Partial<NonNullable<V1Pod["spec"]>>): V1Pod => ({
        metadata: { namespace: "n", name: "p" },
        spec: { containers: [{ name: "c", image: "example.invalid/a:1" }], ...spec },
    });

    it("is nothing for a Pod that refers to nothing, or to optional things", async () => {
        const optional = pod({
            containers: [
                {
                    name: "c",
                    image: "x",
                    envFrom: [{ secretRef: { name: "no", optional: true } }],
                    env: [
                        {
                            name: "A",
                            valueFrom: {
                                configMapKeyRef: { name: "no", key: "k", optional: true },
                            },
                        },
                    ],
                },
            ],
            volumes: [
                { name: "v", secret: { secretName: "no", optional: true } },
                { name: "p", persistentVolumeClaim: { claimName: "bound" } },
            ],
        });
        assert.deepEqual(await podHindrances(pod({}), reader(), []), []);
        assert.deepEqual(await podHindrances(optional, reader(), []), []);
    });

    it("is a missing key, by kubelet's words", async () => {
        const found = await podHindrances(
            pod({
                containers: [
                    {
                        name: "c",
                        image: "x",
                        env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "b" } } }],
                    },
                ],
            }),
            reader({ s: secret({ a: "1" }) }),
            [],
        );
        assert.deepEqual(found, [
            {
                reason: "CreateContainerConfigError",
                container: "c",
                message: "couldn't find key b in Secret n/s",
            },
        ]);
    });

    it("is a projected Secret or a claim that is not there", async () => {
        for (const volume of [
            { name: "v", projected: { sources: [{ secret: { name: "s" } }] } },
            { name: "v", persistentVolumeClaim: { claimName: "s" } },
        ])
            assert.match(
                (await podHindrances(pod({ volumes: [volume] }), reader(), []))[0]?.message ?? "",
                /"s" not found$/,
            );
    });

    it("is a private image without credentials for its registry", async () => {
        const config = (auths: unknown) =>
            secret(
                { ".dockerconfigjson": JSON.stringify({ auths }) },
                "kubernetes.io/dockerconfigjson",
            );
        const image = "ghcr.io/openova-io/console:1";
        const auth = Buffer.from("u:p").toString("base64");
        assert.equal(hasCredentialsFor(config({ "ghcr.io": { auth } }), image), true);
        assert.equal(hasCredentialsFor(config({ "https://ghcr.io/": { auth } }), image), true);
        assert.equal(hasCredentialsFor(config({ "ghcr.io/other": { auth } }), image), false);
        assert.equal(hasCredentialsFor(config({ "quay.io": { auth } }), image), false);
        assert.equal(hasCredentialsFor(config({ "ghcr.io": { auth: "" } }), image), false);
        assert.equal(
            hasCredentialsFor(secret({ ".dockerconfigjson": "{}" }, "Opaque"), image),
            false,
        );
        const found = await podHindrances(pod({ containers: [{ name: "c", image }] }), reader(), [
            "ghcr.io/openova-io/",
        ]);
        assert.equal(found[0]?.reason, "ErrImagePull");
        assert.equal(registryOf("busybox"), "docker.io");
        assert.equal(registryOf("library/busybox"), "docker.io");
        assert.equal(registryOf("localhost:5000/x"), "localhost:5000");
    });
});

describe("mounted files", () => {
    const pod: V1Pod = {
        metadata: { namespace: "n" },
        spec: {
            containers: [
                {
                    name: "c",
                    volumeMounts: [
                        { name: "all", mountPath: "/etc/a" },
                        { name: "some", mountPath: "/etc/a/deep" },
                        { name: "all", mountPath: "/one", subPath: "k" },
                    ],
                },
            ],
            volumes: [
                { name: "all", secret: { secretName: "s" } },
                { name: "some", secret: { secretName: "s", items: [{ key: "k", path: "x/y" }] } },
            ],
        },
    };
    const secrets = reader({ s: secret({ k: "v", l: "w" }) });

    it("come from the longest mount, by key, item or subPath", async () => {
        const read = async (path: string) => {
            const file = findMount(pod, "c", path);
            return file && (await readMounted(pod, file, secrets))?.toString();
        };
        assert.equal(await read("/etc/a/k"), "v");
        assert.equal(await read("/etc/a/deep/x/y"), "v");
        assert.equal(await read("/etc/a/deep/k"), undefined);
        assert.equal(await read("/one"), "v");
        assert.equal(await read("/etc/ab"), undefined);
        assert.deepEqual(await listMounted(pod, "c", "/etc/a", secrets), ["k", "l"]);
        assert.deepEqual(await listMounted(pod, "c", "/nowhere", secrets), []);
    });
});

describe("charts", () => {
    const chart = (spec: Record<string, unknown>) =>
        helmChartSchema.parse({ metadata: { name: "c", namespace: "n", uid: "u" }, spec });

    it("take values from the chart, its config and `set`, in this order", () => {
        assert.deepEqual(
            chartValues(
                chart({
                    valuesContent: "a: {b: 1, c: 1, d: 1}",
                    set: { "a.d": "3", "x\\.y": "s" },
                }),
                "a: {c: 2, d: 2}",
            ),
            { a: { b: 1, c: 2, d: 3 }, "x.y": "s" },
        );
    });

    it("tolerate nodes that are not ready only with `bootstrap`", () => {
        const tolerations = (bootstrap: boolean) =>
            installJob(chart({ bootstrap }), "").spec?.template.spec?.tolerations?.map(
                (t) => t.key,
            );
        assert.ok(tolerations(true)?.includes("node.kubernetes.io/not-ready"));
        assert.equal(tolerations(false), undefined);
    });

    it("need a source", () => {
        checkChartSource(chart({ chart: "cilium", repo: "https://helm.cilium.io/" }));
        checkChartSource(chart({ chart: "oci://quay.io/cilium/charts/cilium" }));
        assert.throws(() => {
            checkChartSource(chart({ chart: "cilium/cilium" }));
        }, /repo cilium not found/);
        assert.throws(() => {
            checkChartSource(chart({ chart: "cilium" }));
        }, /non-absolute URLs/);
    });

    it("and manifests are YAML documents with kinds; lists are taken apart", () => {
        const text =
            "---\n# nothing\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace}\n";
        assert.deepEqual(
            parseManifest(text).map((o) => o.kind),
            ["Namespace"],
        );
        assert.throws(() => parseManifest("a: 1"), /without apiVersion and kind/);
    });
});

describe("nodes", () => {
    it("read taints and capacities", () => {
        assert.deepEqual(parseTaint("a=b:NoExecute"), {
            key: "a",
            value: "b",
            effect: "NoExecute",
        });
        assert.deepEqual(parseTaint("a:NoSchedule"), { key: "a", effect: "NoSchedule" });
        assert.equal(capacityOf("CX33").cpu, "4");
        assert.equal(capacityOf("unknown").memory, "4000M");
    });

    it("give LoadBalancer Services the external addresses of ready ones, or else the internal", () => {
        const node = (ready: string, ...addresses: [string, string][]) => ({
            status: {
                conditions: [{ type: "Ready", status: ready }],
                addresses: addresses.map(([type, address]) => ({ type, address })),
            },
        });
        const a = node("True", ["InternalIP", "10.0.0.2"]);
        assert.deepEqual(serviceAddresses([a, node("False", ["InternalIP", "10.0.0.3"])]), [
            "10.0.0.2",
        ]);
        assert.deepEqual(serviceAddresses([a, node("True", ["ExternalIP", "192.0.2.1"])]), [
            "192.0.2.1",
        ]);
    });
});
