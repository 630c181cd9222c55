// Proves: a server that was not given its CA makes one, as k3s does, so that the kubeconfig and tokens made beforehand do not fit; and what k3s
// brings by itself (flannel, ServiceLB) is there unless it is switched off. Proves nothing about real k3s' certificates.
import assert from "node:assert/strict";
import { BOOT_FILES } from "../../../components/cluster/bootFiles.ts";
import { ClusterClient } from "../../../lab/machines/kubelet/client.ts";
import { eventually } from "../../support/eventually.ts";
import { machineFixture } from "../../support/machineFixture.ts";
import { RunningCluster, WAIT } from "../../support/runningCluster.ts";

describe("a server that was not given its CA", function () {
    this.timeout(300_000);
    let running: RunningCluster;

    before(async () => {
        running = await RunningCluster.claim();
        await running.machines.powerOn(
            machineFixture({
                ...running.options.control,
                manifests: { "cilium.yaml": undefined },
                without: ["crt", "key"].map((e) => `${BOOT_FILES.tlsDirectory}/server-ca.${e}`),
                k3sConfig: {
                    "flannel-backend": undefined,
                    disable: ["traefik", "local-storage"],
                },
            }),
        );
    });

    after(() => running.release());

    it("makes one of its own, so that the known kubeconfig and tokens do not fit", async () => {
        const server = `https://${running.lab.context.addresses.prefix}.128.1:6443`;
        const machine = running.machines.guest(1);
        await eventually(
            "Ready",
            () => {
                assert.ok(machine?.nodeReady);
            },
            WAIT,
        );
        assert.match(
            machine?.console.read() ?? "",
            /generated, as they were not given: server-ca$/m,
        );
        const known = new ClusterClient({
            server,
            ca: running.cluster.root.certificate,
            client: running.cluster.admin,
        });
        await assert.rejects(known.core.listNode(), (error: Error) => {
            const cause = error.cause;
            return (cause instanceof Error ? cause.message : error.message).includes("certificate");
        });
        await running.machines.powerOn(machineFixture(running.options.worker));
        await eventually(
            "the worker's refusal",
            () => {
                assert.match(
                    running.machines.guest(2)?.reason ?? "",
                    /token CA hash does not match/,
                );
            },
            WAIT,
        );
    });

    it("has flannel and ServiceLB by itself, and no StorageClass", async () => {
        const guest = running.machines.guest(1);
        const read = async (file: string) =>
            (await guest?.disk.read(`${BOOT_FILES.tlsDirectory}/${file}`)) ?? "";
        const client = new ClusterClient({
            server: `https://${running.lab.context.addresses.prefix}.128.1:6443`,
            ca: await read("server-ca.crt"),
            client: {
                certificate: await read("client-admin.crt"),
                privateKey: await read("client-admin.key"),
            },
        });
        assert.deepEqual((await client.storage.listStorageClass()).items, []);
        await client.core.createNamespacedService({
            namespace: "default",
            body: {
                metadata: { name: "balanced" },
                spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
            },
        });
        await eventually(
            "an address",
            async () => {
                const service = await client.core.readNamespacedService({
                    namespace: "default",
                    name: "balanced",
                });
                assert.equal(service.status?.loadBalancer?.ingress?.[0]?.ip, "10.0.1.2");
            },
            WAIT,
        );
    });
});
