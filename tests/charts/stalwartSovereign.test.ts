// Proves, with the real helm, what charts/stalwart-sovereign renders from nothing and from the least values, and that
// it fits the plan. Does not prove that a kubelet runs the pod.
import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { STALWART_PATHS } from "../../components/mail/stalwartPaths.ts";
import { readStalwartPod } from "../../lab/mail/stalwartPod.ts";
import { mailSpec, mountedFiles, podView } from "../lab/mail/mailPod.ts";
import { chartPath, helm, object, render, type KubernetesObject } from "./helm.ts";
import { CHART, IMAGE, MINIMAL, NAMESPACE, podTemplate } from "./stalwartValues.ts";

function names(objects: readonly KubernetesObject[]): string[] {
    return objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
}

describe("charts/stalwart-sovereign", function () {
    this.timeout(60_000);
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
                "NetworkPolicy/default-deny",
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
                spec.containers.map(({ image, command, args }) => [image, command, args]),
                [
                    [
                        IMAGE,
                        ["bash", "/etc/stalwart/serve.sh", "/tls/tls.crt"],
                        ["/usr/local/bin/stalwart", "--config", "/etc/stalwart/config.json"],
                    ],
                ],
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
});
