// Proves: the rules by which Pods wait, mounted files are found, charts are read, and the shared ingress chooses routes and
// reads PROXY headers. Pure: no API server.
import assert from "node:assert/strict";
import type { V1Pod, V1Secret } from "@kubernetes/client-node";
import fc from "fast-check";
import { INETProtocol, Peer, V1ProxyProtocol } from "proxy-protocol-js";
import { helmChartSchema, installJob } from "../../../../lab/machines/addons/helmCharts.ts";
import { chartValues, checkChartSource } from "../../../../lab/machines/addons/klipper.ts";
import { parseManifest } from "../../../../lab/machines/addons/manifests.ts";
import { serviceAddresses } from "../../../../lab/machines/addons/serviceLoadBalancer.ts";
import { readyBackends } from "../../../../lab/machines/ingress/backends.ts";
import { parseProxyHeader } from "../../../../lab/machines/ingress/proxyHeader.ts";
import {
    findRoute,
    findTlsSecret,
    hostMatches,
    isCiliumIngress,
} from "../../../../lab/machines/ingress/routes.ts";
import { findMount, listMounted, readMounted } from "../../../../lab/machines/kubelet/mounts.ts";
import { parseTaint } from "../../../../lab/machines/kubelet/nodeAgent.ts";
import {
    hasCredentialsFor,
    podHindrances,
    registryOf,
    type ReferenceReader,
} from "../../../../lab/machines/kubelet/podChecks.ts";
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

describe("the shared ingress", () => {
    const ingress = (
        name: string,
        host: string | undefined,
        path: string,
        pathType = "Prefix",
    ) => ({
        metadata: { name, namespace: "n" },
        spec: {
            rules: [
                {
                    ...(host === undefined ? {} : { host }),
                    http: {
                        paths: [
                            {
                                path,
                                pathType,
                                backend: { service: { name, port: { number: 80 } } },
                            },
                        ],
                    },
                },
            ],
            tls: host === undefined ? [] : [{ hosts: [host], secretName: `${name}-tls` }],
        },
    });
    const all = [
        ingress("any", undefined, "/"),
        ingress("wild", "*.example", "/"),
        ingress("exact", "a.example", "/"),
        ingress("deep", "a.example", "/x"),
        ingress("only", "a.example", "/x", "Exact"),
    ];
    const service = (host: string, path: string) => findRoute(all, host, path)?.service;

    it("prefers the exact host, the exact path, the longer path", () => {
        assert.equal(service("a.example", "/"), "exact");
        assert.equal(service("a.example", "/x"), "only");
        assert.equal(service("a.example", "/x/y"), "deep");
        assert.equal(service("a.example", "/xy"), "exact");
        assert.equal(service("b.example", "/"), "wild");
        assert.equal(service("b.c.example", "/"), "any");
        assert.equal(findRoute(all.slice(1), "other", "/"), undefined);
        assert.equal(hostMatches("*.example", "example"), false);
    });

    it("takes the certificate of the exact host before a wildcard's", () => {
        assert.equal(findTlsSecret(all, "a.example")?.name, "exact-tls");
        assert.equal(findTlsSecret(all, "b.example")?.name, "wild-tls");
        assert.equal(findTlsSecret(all, "b.c.example"), undefined);
    });

    it("serves its own class, and none or the default's", () => {
        assert.equal(isCiliumIngress({ spec: { ingressClassName: "cilium" } }, false), true);
        assert.equal(isCiliumIngress({ spec: { ingressClassName: "nginx" } }, true), false);
        assert.equal(isCiliumIngress({ spec: {} }, true), true);
        assert.equal(isCiliumIngress({ spec: {} }, false), false);
    });

    it("sends to ready endpoints alone", () => {
        const route = { ingress: "i", namespace: "n", service: "s", port: 80 };
        const slice = (ready: boolean) => ({
            metadata: { namespace: "n", labels: { "kubernetes.io/service-name": "s" } },
            addressType: "IPv4",
            endpoints: [
                { addresses: ["10.42.0.1"], conditions: { ready }, targetRef: { name: "p" } },
            ],
        });
        assert.equal(readyBackends([slice(true)], route)[0]?.pod, "p");
        assert.deepEqual(readyBackends([slice(false)], route), []);
    });

    it("reads PROXY headers however they are cut, and refuses what is none", () => {
        const header = Buffer.from(
            new V1ProxyProtocol(
                INETProtocol.TCP4,
                new Peer("192.0.2.7", 4711),
                new Peer("198.51.100.1", 443),
            ).build(),
        );
        const v2 = Buffer.concat([
            Buffer.from("0d0a0d0a000d0a515549540a2111000c", "hex"),
            Buffer.from([192, 0, 2, 7, 198, 51, 100, 1, 0x12, 0x67, 0x01, 0xbb]),
        ]);
        for (const bytes of [header, v2]) {
            for (let cut = 0; cut < bytes.length; cut++)
                assert.equal(parseProxyHeader(bytes.subarray(0, cut)).state, "incomplete");
            assert.deepEqual(parseProxyHeader(Buffer.concat([bytes, Buffer.from("GET")])), {
                state: "complete",
                length: bytes.length,
                client: {
                    address: "192.0.2.7",
                    port: 4711,
                    destination: "198.51.100.1",
                    destinationPort: 443,
                },
            });
        }
        assert.equal(parseProxyHeader(Buffer.from("GET / HTTP/1.1\r\n")).state, "invalid");
        assert.equal(parseProxyHeader(Buffer.from([0x16, 3, 1])).state, "invalid");
        fc.assert(
            fc.property(fc.uint8Array(), (bytes) => {
                parseProxyHeader(Buffer.from(bytes));
            }),
        );
    });
});
