// Proves, with the real helm, what the values of charts/stalwart-sovereign change, that the program's values are among
// those it takes, and what its schema refuses. Does not prove that a kubelet runs the pod.
import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import type { MailConfig } from "../../config/model.ts";
import { STALWART_PATHS } from "../../components/mail/stalwartPaths.ts";
import { stalwartValues } from "../../components/mail/stalwartValues.ts";
import { object, render, template, type KubernetesObject } from "./helm.ts";
import { CHART, FULL, IMAGE, MINIMAL, NAMESPACE, podTemplate } from "./stalwartValues.ts";

describe("values of charts/stalwart-sovereign", function () {
    this.timeout(60_000);
    describe("all set", () => {
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

        it("lets plain requests for that host through to proofs of its name only where it is told to", async () => {
            assert.equal(
                object(objects, "Ingress", "stalwart-mta-sts").metadata.annotations,
                undefined,
            );
            const plain = await render(
                CHART,
                { ...FULL, mtaSts: { ...FULL.mtaSts, forceHttps: false } },
                NAMESPACE,
            );
            assert.deepEqual(object(plain, "Ingress", "stalwart-mta-sts").metadata.annotations, {
                "ingress.cilium.io/force-https": "disabled",
            });
        });

        it("leads to that path by the Gateway instead where there is one, without naming a listener", async () => {
            const gateway = { name: "edge", namespace: "kube-system" };
            const routed = await render(
                CHART,
                { ...FULL, mtaSts: { ...FULL.mtaSts, gateway } },
                NAMESPACE,
            );
            assert.equal(routed.filter(({ kind }) => kind === "Ingress").length, 0);
            const { spec } = object(routed, "HTTPRoute", "stalwart-mta-sts");
            assert.deepEqual(spec, {
                parentRefs: [gateway],
                hostnames: ["mta-sts.omantel.example"],
                rules: [
                    {
                        matches: [{ path: { type: "Exact", value: "/.well-known/mta-sts.txt" } }],
                        backendRefs: [{ name: "stalwart-http", port: 8080 }],
                    },
                ],
            });
        });

        it("pulls with the Secret that it is told", async () => {
            const pulled = await render(CHART, { ...FULL, imagePullSecret: "pull" }, NAMESPACE);
            assert.deepEqual(podTemplate(pulled).spec.imagePullSecrets, [{ name: "pull" }]);
            assert.equal(podTemplate(objects).spec.imagePullSecrets, undefined);
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

        it("denies everything else in the namespace", () => {
            const { spec } = object(objects, "NetworkPolicy", "default-deny") as unknown as {
                spec: object;
            };
            assert.deepEqual(spec, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
        });

        it("tells Prometheus where its metrics are", () => {
            const { metadata } = object(objects, "Service", "stalwart-http") as unknown as {
                metadata: { annotations: object };
            };
            assert.deepEqual(metadata.annotations, {
                "prometheus.io/scrape": "true",
                "prometheus.io/port": "8080",
                "prometheus.io/path": "/metrics/prometheus",
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

    describe("left out", () => {
        const ingressOf = async (values: object): Promise<unknown[]> => {
            const { spec } = object(
                await render(CHART, { ...MINIMAL, ...values }, NAMESPACE),
                "NetworkPolicy",
                "stalwart",
            ) as unknown as { spec: { ingress: unknown[] } };
            return spec.ingress;
        };

        it("opens no HTTP port without an MTA-STS policy, but for metrics where they are read", async () => {
            assert.equal((await ingressOf({})).length, 2);
            const [, , http] = await ingressOf({
                networkPolicy: { metricsNamespaces: ["monitoring"] },
            });
            assert.deepEqual(http, {
                ports: [{ port: "http", protocol: "TCP" }],
                from: [
                    {
                        namespaceSelector: {
                            matchExpressions: [
                                {
                                    key: "kubernetes.io/metadata.name",
                                    operator: "In",
                                    values: ["monitoring"],
                                },
                            ],
                        },
                    },
                ],
            });
        });

        it("has no NetworkPolicy where another one writes them", async () => {
            const objects = await render(
                CHART,
                { ...MINIMAL, networkPolicy: { enabled: false } },
                NAMESPACE,
            );
            assert.deepEqual(
                objects.filter(({ kind }) => kind === "NetworkPolicy"),
                [],
            );
        });
    });

    it("may be those of the program", async () => {
        const mail: MailConfig = {
            egress: "smart-host",
            smartHost: { host: "smtp.relay.example", port: 2525, username: "u" },
            ipv6: false,
            dkim: [{ selector: "r202611", algorithm: "rsa2048", state: "active" }],
            dkimTtl: 300,
            dkimSignatureLifetime: 604_800,
            dmarcPolicy: "none",
            dmarcTesting: false,
            dmarcReportAddress: "dmarc@omantel.example",
            mtaSts: "testing",
            tlsa: false,
            caaIssuers: [],
            publicSubmission: true,
            stalwartImage: IMAGE,
            passwordGeneration: 1,
        };
        const objects = await render(
            CHART,
            stalwartValues({
                fqdn: "omantel.example",
                mail,
                checksums: FULL.checksums,
                loadBalancerIp: "10.0.0.254",
                chartDigest: "9".repeat(64),
                probeTargets: ["mx.mailbox.example:25"],
                wayIn: { kind: "ingress" },
                dnsRecords: FULL.dnsRecords.map((set) => ({ ...set, type: "MX" as const })),
            }),
            NAMESPACE,
        );
        const { containers } = podTemplate(objects).spec;
        assert.deepEqual(
            containers.map(({ image, ports }) => [image, ports?.map(({ hostPort }) => hostPort)]),
            [[IMAGE, [25, 587, 465, undefined]]],
        );
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
