// Proves, with the real helm, what charts/catalyst-platform renders without a cluster, for the mothership and for a Sovereign,
// and what it refuses. What it makes of Secrets in a cluster is proven in credentials.test.ts.
import assert from "node:assert/strict";
import type { V1PodSpec, V1PodTemplateSpec } from "@kubernetes/client-node";
import { before, describe, it } from "mocha";
import { platformValues } from "../../components/platform/platformValues.ts";
import { chartPath, helm, object, render, template, type KubernetesObject } from "./helm.ts";

const CHART = "catalyst-platform";
const NAMESPACE = "catalyst-system";
const TAGS = { images: { api: { tag: "abc1234" }, ui: { tag: "def5678" } } };
const SOVEREIGN = { global: { sovereignFQDN: "omantel.example" }, ...TAGS };
/** What the program sets. */
const VALUES = platformValues({
    fqdn: "omantel.example",
    values: TAGS,
    smtp: { host: "mail.omantel.example", port: "587", from: "noreply@omantel.example" },
    smtpDigest: "7".repeat(64),
    pullSecret: "ghcr-pull-secret",
    wayIn: { kind: "ingress", tlsSecret: "sovereign-ingress-tls" },
});

interface Workload {
    readonly spec: {
        readonly strategy?: { readonly type: string };
        readonly template: V1PodTemplateSpec & { readonly spec: V1PodSpec };
    };
}

function workload(objects: readonly KubernetesObject[], name: string): Workload["spec"] {
    return (object(objects, "Deployment", name) as unknown as Workload).spec;
}

describe("charts/catalyst-platform", function () {
    this.timeout(60_000);
    it("is version 1.4.20 and clean to helm lint, but for the icon", async () => {
        const { exitCode, stdout } = await helm(["lint", "--strict", chartPath(CHART)]);
        assert.equal(exitCode, 0, stdout);
        assert.deepEqual(
            stdout.split("\n").filter((line) => /^\[(INFO|WARNING|ERROR)\]/.test(line)),
            ["[INFO] Chart.yaml: icon is recommended"],
        );
        const shown = await helm(["show", "chart", chartPath(CHART)]);
        assert.match(shown.stdout, /^version: 1\.4\.20$/m);
    });

    it("renders nothing for the mothership", async () => {
        assert.deepEqual(await render(CHART, {}, NAMESPACE), []);
    });

    describe("for a Sovereign", () => {
        let objects: KubernetesObject[];
        before(async () => {
            objects = await render(CHART, VALUES, NAMESPACE);
        });

        it("renders these objects, all in the release's namespace, and no Secret", () => {
            assert.deepEqual(
                objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort(),
                [
                    "ConfigMap/sovereign-fqdn",
                    "Deployment/catalyst-api",
                    "Deployment/catalyst-ui",
                    "Ingress/catalyst",
                    "PersistentVolumeClaim/catalyst-api-deployments",
                    "Service/catalyst-api",
                    "Service/catalyst-ui",
                ],
            );
            assert.deepEqual(
                [...new Set(objects.map(({ metadata }) => metadata.namespace))],
                [NAMESPACE],
            );
        });

        it("names the Sovereign in a ConfigMap of its own", () => {
            assert.deepEqual(object(objects, "ConfigMap", "sovereign-fqdn").data, {
                fqdn: "omantel.example",
            });
        });

        it("runs the images of the given tags, pulled with the Secret", () => {
            for (const [name, tag] of [
                ["catalyst-api", "abc1234"],
                ["catalyst-ui", "def5678"],
            ] as const) {
                const { spec } = workload(objects, name).template;
                assert.deepEqual(
                    spec.containers.map(({ image }) => image),
                    [`ghcr.io/openova-io/openova/${name}:${tag}`],
                );
                assert.deepEqual(spec.imagePullSecrets, [{ name: "ghcr-pull-secret" }]);
            }
        });

        it("reads all ten keys of the credentials by optional references", () => {
            const [container] = workload(objects, "catalyst-api").template.spec.containers;
            const secrets = (container?.env ?? []).flatMap(({ valueFrom }) =>
                valueFrom?.secretKeyRef ? [valueFrom.secretKeyRef] : [],
            );
            assert.deepEqual(secrets.map(({ key }) => key).sort(), [
                "kc-addr",
                "kc-audience",
                "kc-realm",
                "kc-sa-client-id",
                "kc-sa-client-secret",
                "smtp-from",
                "smtp-host",
                "smtp-pass",
                "smtp-port",
                "smtp-user",
            ]);
            for (const { name, optional } of secrets)
                assert.deepEqual([name, optional], ["catalyst-openova-kc-credentials", true]);
        });

        it("keeps the API's state on a volume with one writer", () => {
            const { strategy, template: pod } = workload(objects, "catalyst-api");
            assert.equal(strategy?.type, "Recreate");
            assert.equal(pod.spec.securityContext?.fsGroup, 65534);
            assert.deepEqual(
                object(objects, "PersistentVolumeClaim", "catalyst-api-deployments").spec,
                { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
            );
            const [container] = pod.spec.containers;
            assert.deepEqual(container?.volumeMounts, [
                { name: "deployments", mountPath: "/var/lib/catalyst" },
            ]);
        });

        it("rolls the API, and nothing else, when the mail credentials change", async () => {
            const other = await render(
                CHART,
                { ...VALUES, sovereign: { smtp: { digest: "8".repeat(64) } } },
                NAMESPACE,
            );
            const digest = (rendered: readonly KubernetesObject[]) =>
                workload(rendered, "catalyst-api").template.metadata?.annotations?.[
                    "catalyst.openova.io/smtp-digest"
                ];
            assert.deepEqual([digest(objects), digest(other)], ["7".repeat(64), "8".repeat(64)]);
            assert.deepEqual(workload(other, "catalyst-ui"), workload(objects, "catalyst-ui"));
        });

        it("lets plain requests through to proofs of names only where it is told to", async () => {
            const annotations = async (ingress: object) =>
                object(
                    await render(CHART, { ...SOVEREIGN, ingress }, NAMESPACE),
                    "Ingress",
                    "catalyst",
                ).metadata.annotations;
            assert.equal(await annotations({}), undefined);
            assert.deepEqual(await annotations({ forceHttps: false }), {
                "ingress.cilium.io/force-https": "disabled",
            });
        });

        it("serves console and API by host name through the shared ingress", () => {
            const { spec } = object(objects, "Ingress", "catalyst") as unknown as {
                spec: {
                    ingressClassName: string;
                    tls: unknown;
                    rules: {
                        host: string;
                        http: { paths: { path: string; backend: { service: { name: string } } }[] };
                    }[];
                };
            };
            assert.equal(spec.ingressClassName, "cilium");
            assert.deepEqual(spec.tls, [
                {
                    secretName: "sovereign-ingress-tls",
                    hosts: ["api.omantel.example", "console.omantel.example"],
                },
            ]);
            assert.deepEqual(
                spec.rules.map(({ host, http }) => [
                    host,
                    ...http.paths.map(({ path, backend }) => `${path} ${backend.service.name}`),
                ]),
                [
                    ["api.omantel.example", "/ catalyst-api"],
                    ["console.omantel.example", "/api catalyst-api", "/ catalyst-ui"],
                ],
            );
        });
    });

    it("never names a listener of the gateway, unless told", async () => {
        const gateway = (sectionName?: string) => ({
            ...SOVEREIGN,
            gateway: {
                enabled: true,
                ...(sectionName !== undefined && { parentRef: { sectionName } }),
            },
        });
        const plain = await template(CHART, gateway(), NAMESPACE);
        assert.equal(plain.stdout.match(/^kind: HTTPRoute$/gm)?.length, 2);
        assert.ok(!plain.stdout.includes("sectionName"));
        const named = await template(CHART, gateway("https-omani-works"), NAMESPACE);
        assert.equal(named.stdout.match(/sectionName: "https-omani-works"/g)?.length, 2);
    });

    it("takes host names that are given", async () => {
        const objects = await render(
            CHART,
            { ...SOVEREIGN, ingress: { hosts: { console: { host: "www.omantel.example" } } } },
            NAMESPACE,
        );
        const { spec } = object(objects, "Ingress", "catalyst") as unknown as {
            spec: { rules: { host: string }[] };
        };
        assert.deepEqual(
            spec.rules.map(({ host }) => host),
            ["api.omantel.example", "www.omantel.example"],
        );
    });

    const refusals: [string, object, string][] = [
        [
            "a Sovereign without an image tag",
            { ...SOVEREIGN, images: { api: { tag: "abc1234" } } },
            "images.ui.tag is required: the tag of ghcr.io/openova-io/openova/catalyst-ui to run",
        ],
        [
            "a port that is a number",
            { sovereign: { smtp: { port: 587 } } },
            "at '/sovereign/smtp/port': got number, want string",
        ],
        [
            "a tag that is none",
            { images: { api: { tag: "a b" } } },
            "at '/images/api/tag': 'a b' does not match pattern",
        ],
        [
            "a name that is none",
            { global: { sovereignFQDN: "Omantel.example" } },
            "at '/global/sovereignFQDN': 'Omantel.example' does not match pattern",
        ],
    ];
    for (const [title, values, message] of refusals)
        it(`refuses ${title}`, async () => {
            const { exitCode, stderr } = await template(CHART, values, NAMESPACE);
            assert.equal(exitCode, 1);
            assert.ok(stderr.includes(message), stderr);
        });
});
