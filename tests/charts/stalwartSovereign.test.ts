// Proves, with the real helm, what charts/stalwart-sovereign renders from nothing, from the least and from all values, what its
// schema refuses, and that it fits the plan and the program. Does not prove that a kubelet runs the pod.
import assert from "node:assert/strict";
import type { V1PodSpec, V1PodTemplateSpec } from "@kubernetes/client-node";
import { before, describe, it } from "mocha";
import { STALWART_PATHS } from "../../components/mail/stalwartPaths.ts";
import { readStalwartPod } from "../../lab/mail/stalwartPod.ts";
import { mailSpec, mountedFiles, podView } from "../lab/mail/mailPod.ts";
import { chartPath, helm, object, render, template, type KubernetesObject } from "./helm.ts";

const CHART = "stalwart-sovereign";
const NAMESPACE = "stalwart-sovereign";
const IMAGE = `docker.io/stalwartlabs/stalwart:v0.16.24@sha256:${"ab".repeat(32)}`;
const MINIMAL = {
    sovereignFQDN: "omantel.example",
    image: IMAGE,
    secrets: { plan: "stalwart-plan", dkim: "stalwart-dkim", tls: "stalwart-tls" },
    checksums: { plan: "1".repeat(64), dkim: "2".repeat(64), tls: "3".repeat(64) },
};
const FULL = {
    ...MINIMAL,
    secrets: { ...MINIMAL.secrets, relay: "stalwart-relay" },
    checksums: { ...MINIMAL.checksums, relay: "4".repeat(64) },
    hostPorts: { smtp: true, submission: true, submissions: true },
    nodeSelector: { "kubernetes.io/hostname": "catalyst-omantel-example-w1" },
    tolerations: [{ key: "mail", operator: "Exists" }],
    networkPolicy: { smtpFrom: ["10.0.0.254/32"], egressPorts: ["2525"] },
    mtaSts: { enabled: true, tlsSecret: "sovereign-ingress-tls" },
    dnsRecords: [
        { name: "omantel.example", type: "MX", ttl: 300, records: ["10 mx.omantel.example."] },
    ],
};

function podTemplate(
    objects: readonly KubernetesObject[],
): V1PodTemplateSpec & { spec: V1PodSpec } {
    const { spec } = object(objects, "StatefulSet", "stalwart") as unknown as {
        spec: { template: V1PodTemplateSpec & { spec: V1PodSpec } };
    };
    return spec.template;
}

function names(objects: readonly KubernetesObject[]): string[] {
    return objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
}

describe("charts/stalwart-sovereign", () => {
    it("is clean to helm lint, but for the icon", async () => {
        const { exitCode, stdout } = await helm(["lint", "--strict", chartPath(CHART)]);
        assert.equal(exitCode, 0, stdout);
        assert.deepEqual(
            stdout.split("\n").filter((line) => /^\[(INFO|WARNING|ERROR)\]/.test(line)),
            ["[INFO] Chart.yaml: icon is recommended"],
        );
    });

    it("renders nothing without a Sovereign", async () => {
        assert.deepEqual(await render(CHART, {}, NAMESPACE), []);
    });

    describe("with the least", () => {
        let objects: KubernetesObject[];
        before(async () => {
            objects = await render(CHART, MINIMAL, NAMESPACE);
        });

        it("renders these objects, all in the release's namespace", () => {
            assert.deepEqual(names(objects), [
                "ConfigMap/stalwart",
                "ConfigMap/stalwart-dns-records",
                "NetworkPolicy/stalwart",
                "Service/stalwart",
                "Service/stalwart-http",
                "ServiceAccount/stalwart",
                "StatefulSet/stalwart",
            ]);
            assert.deepEqual(
                [...new Set(objects.map(({ metadata }) => metadata.namespace))],
                [NAMESPACE],
            );
        });

        it("applies the plan with the server's own image before the server runs", () => {
            const spec = podTemplate(objects).spec;
            assert.deepEqual(
                spec.initContainers?.map(({ image, command, args }) => [image, command, args]),
                [
                    [
                        IMAGE,
                        ["bash", "/etc/stalwart/apply.sh", "/plan"],
                        ["/usr/local/bin/stalwart", "--config", "/etc/stalwart/config.json"],
                    ],
                ],
            );
            assert.deepEqual(
                spec.containers.map(({ image, command }) => [image, command]),
                [[IMAGE, ["/usr/local/bin/stalwart", "--config", "/etc/stalwart/config.json"]]],
            );
        });

        it("mounts what the plan names where the plan names it", () => {
            const spec = podTemplate(objects).spec;
            const mounts = (container: number) =>
                Object.fromEntries(
                    [...(spec.initContainers ?? []), ...spec.containers][
                        container
                    ]?.volumeMounts?.map(({ name, mountPath }) => [name, mountPath]) ?? [],
                );
            const shared = {
                config: "/etc/stalwart",
                tls: STALWART_PATHS.tls,
                dkim: STALWART_PATHS.dkim,
                store: "/var/lib/stalwart",
                tmp: "/tmp",
            };
            assert.deepEqual(mounts(0), { ...shared, plan: STALWART_PATHS.plan });
            assert.deepEqual(mounts(1), shared);
            assert.deepEqual(
                spec.volumes?.map(({ name, secret, emptyDir, configMap }) => [
                    name,
                    secret?.secretName ?? configMap?.name ?? emptyDir?.sizeLimit,
                ]),
                [
                    ["config", "stalwart"],
                    ["plan", "stalwart-plan"],
                    ["tls", "stalwart-tls"],
                    ["dkim", "stalwart-dkim"],
                    ["store", "1Gi"],
                    ["tmp", "64Mi"],
                ],
            );
        });

        it("runs without privileges, and may bind low ports", () => {
            const spec = podTemplate(objects).spec;
            assert.deepEqual(spec.securityContext, {
                runAsNonRoot: true,
                runAsUser: 2000,
                runAsGroup: 2000,
                fsGroup: 2000,
                seccompProfile: { type: "RuntimeDefault" },
                sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }],
            });
            for (const container of [...(spec.initContainers ?? []), ...spec.containers])
                assert.deepEqual(container.securityContext, {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
                });
            assert.equal(spec.automountServiceAccountToken, false);
        });

        it("never waits for the download of the web application", () => {
            assert.deepEqual(podTemplate(objects).spec.hostAliases, [
                { ip: "127.0.0.1", hostnames: ["github.com"] },
            ]);
        });

        it("is probed by a whole SMTP session, never by a bare connection", () => {
            const [container] = podTemplate(objects).spec.containers;
            for (const probe of [
                container?.startupProbe,
                container?.readinessProbe,
                container?.livenessProbe,
            ]) {
                assert.deepEqual(probe?.exec?.command, ["bash", "/etc/stalwart/probe.sh"]);
                assert.equal(probe.tcpSocket, undefined);
            }
        });

        it("opens port 25 alone on the node, and no load balancer", () => {
            const [container] = podTemplate(objects).spec.containers;
            assert.deepEqual(
                container?.ports?.map(({ containerPort, hostPort }) => [containerPort, hostPort]),
                [
                    [25, 25],
                    [587, undefined],
                    [465, undefined],
                    [8080, undefined],
                ],
            );
            const ports = (name: string) => {
                const { spec } = object(objects, "Service", name) as unknown as {
                    spec: { type: string; ports: { port: number; targetPort: string }[] };
                };
                return [spec.type, ...spec.ports.map((port) => `${port.port}:${port.targetPort}`)];
            };
            assert.deepEqual(ports("stalwart"), ["ClusterIP", "587:submission", "465:submissions"]);
            assert.deepEqual(ports("stalwart-http"), ["ClusterIP", "8080:http"]);
        });

        it("is rolled by each digest", async () => {
            const annotations = podTemplate(objects).metadata?.annotations;
            assert.deepEqual(
                ["plan", "dkim", "tls", "relay"].map((key) => annotations?.[`checksum/${key}`]),
                ["1".repeat(64), "2".repeat(64), "3".repeat(64), undefined],
            );
            assert.match(annotations?.["checksum/config"] ?? "", /^[0-9a-f]{64}$/);
            const other = podTemplate(
                await render(
                    CHART,
                    { ...MINIMAL, checksums: { ...MINIMAL.checksums, plan: "5".repeat(64) } },
                    NAMESPACE,
                ),
            );
            assert.notDeepEqual(other, podTemplate(objects));
        });

        it("is a pod that the lab's mail server can play", async () => {
            const spec = mailSpec();
            const pod = await readStalwartPod(
                podView("127.79.128.1", await mountedFiles(spec), podTemplate(objects)),
            );
            assert.equal(pod.settings.domain, spec.fqdn);
            assert.deepEqual([...pod.hostPorts], [[25, 25]]);
        });
    });

    describe("with everything", () => {
        let objects: KubernetesObject[];
        before(async () => {
            objects = await render(CHART, FULL, NAMESPACE);
        });

        it("adds the one HTTP path for the outside", () => {
            const { spec } = object(objects, "Ingress", "stalwart-mta-sts");
            assert.deepEqual(spec, {
                ingressClassName: "cilium",
                tls: [{ hosts: ["mta-sts.omantel.example"], secretName: "sovereign-ingress-tls" }],
                rules: [
                    {
                        host: "mta-sts.omantel.example",
                        http: {
                            paths: [
                                {
                                    path: "/.well-known/mta-sts.txt",
                                    pathType: "Exact",
                                    backend: {
                                        service: { name: "stalwart-http", port: { name: "http" } },
                                    },
                                },
                            ],
                        },
                    },
                ],
            });
            assert.equal(objects.filter(({ kind }) => kind === "HTTPRoute").length, 0);
        });

        it("mounts the relay's password, opens all mail ports and pins the pod", () => {
            const template = podTemplate(objects);
            const [container] = template.spec.containers;
            assert.deepEqual(
                container?.volumeMounts?.find(({ name }) => name === "relay")?.mountPath,
                STALWART_PATHS.relay,
            );
            assert.deepEqual(
                container.ports?.map(({ hostPort }) => hostPort),
                [25, 587, 465, undefined],
            );
            assert.equal(template.metadata?.annotations?.["checksum/relay"], "4".repeat(64));
            assert.deepEqual(template.spec.nodeSelector, FULL.nodeSelector);
            assert.deepEqual(template.spec.tolerations, FULL.tolerations);
        });

        it("lets in mail from the load balancer, submission from the platform, and out what it must", () => {
            const { spec } = object(objects, "NetworkPolicy", "stalwart") as unknown as {
                spec: { policyTypes: string[]; ingress: unknown[]; egress: unknown[] };
            };
            const ip = { ipBlock: { cidr: "10.0.0.254/32" } };
            assert.deepEqual(spec.policyTypes, ["Ingress", "Egress"]);
            assert.deepEqual(spec.ingress, [
                { ports: [{ port: "smtp", protocol: "TCP" }], from: [ip] },
                {
                    ports: [
                        { port: "submission", protocol: "TCP" },
                        { port: "submissions", protocol: "TCP" },
                    ],
                    from: [
                        {
                            namespaceSelector: {
                                matchExpressions: [
                                    {
                                        key: "kubernetes.io/metadata.name",
                                        operator: "In",
                                        values: ["catalyst-system"],
                                    },
                                ],
                            },
                        },
                        ip,
                    ],
                },
                { ports: [{ port: "http", protocol: "TCP" }] },
            ]);
            assert.deepEqual(spec.egress[1], {
                ports: [{ port: 2525, protocol: "TCP" }],
                to: [
                    { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } },
                    { ipBlock: { cidr: "::/0" } },
                ],
            });
        });

        it("hands the DNS records on", () => {
            const { data } = object(objects, "ConfigMap", "stalwart-dns-records") as unknown as {
                data: Record<string, string>;
            };
            assert.equal(data.domain, "omantel.example");
            assert.deepEqual(JSON.parse(data["records.json"] ?? ""), FULL.dnsRecords);
        });
    });

    const refusals: [string, object, string][] = [
        ["no image", { ...MINIMAL, image: "" }, "at '/image': minLength: got 0, want 1"],
        [
            "an image without digest",
            { ...MINIMAL, image: "stalwartlabs/stalwart:v0.16.24" },
            "at '/image': 'stalwartlabs/stalwart:v0.16.24' does not match pattern",
        ],
        [
            "no plan",
            { ...MINIMAL, secrets: { ...MINIMAL.secrets, plan: "" } },
            "at '/secrets/plan': minLength: got 0, want 1",
        ],
        [
            "a digest that is none",
            { ...MINIMAL, checksums: { ...MINIMAL.checksums, tls: "latest" } },
            "at '/checksums/tls': 'latest' does not match pattern",
        ],
        [
            "a host port as a number",
            { ...MINIMAL, hostPorts: { smtp: 25 } },
            "at '/hostPorts/smtp': got number, want boolean",
        ],
        [
            "an egress port as a number",
            { ...MINIMAL, networkPolicy: { egressPorts: [25] } },
            "at '/networkPolicy/egressPorts/0': got number, want string",
        ],
        [
            "a misspelt value",
            { ...MINIMAL, hostports: {} },
            "additional properties 'hostports' not allowed",
        ],
        [
            "a name that is none",
            { ...MINIMAL, sovereignFQDN: "omantel" },
            "at '/sovereignFQDN': 'omantel' does not match pattern",
        ],
    ];
    for (const [title, values, message] of refusals)
        it(`refuses ${title}`, async () => {
            const { exitCode, stderr } = await template(CHART, values, NAMESPACE);
            assert.equal(exitCode, 1);
            assert.ok(stderr.includes(message), stderr);
        });
});
