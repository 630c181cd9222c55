// Proves: Pods start, wait or fail by what they refer to, claims bind only where something provisions, Jobs complete, and stand-ins see the
// files that a container would. Proves nothing about real containers: none runs.
import assert from "node:assert/strict";
import type { V1Pod } from "@kubernetes/client-node";
import type { PodView } from "../../../lab/parts.ts";
import { eventually } from "../../support/eventually.ts";
import { NAMESPACE, RunningCluster, WAIT } from "../../support/runningCluster.ts";

const STAND_IN_IMAGE = "example.invalid/mail";

describe("Pods on the lab's machines", function () {
    this.timeout(300_000);
    let running: RunningCluster;
    const views: PodView[] = [];
    const stopped: string[] = [];

    before(async () => {
        running = await RunningCluster.claim([
            {
                name: "mail",
                matches: (pod: V1Pod) =>
                    pod.spec?.containers.some((c) => c.image === STAND_IN_IMAGE) ?? false,
                start: (view) => {
                    views.push(view);
                    return Promise.resolve(() => {
                        stopped.push(view.name);
                        return Promise.resolve();
                    });
                },
            },
        ]);
        await running.boot();
    });

    after(() => running.release());

    it("keeps a Pod with a private image waiting until its pull Secret is right", async () => {
        await running.pod("private", {
            containers: [{ name: "main", image: "ghcr.io/openova-io/console:1" }],
            imagePullSecrets: [{ name: "pull" }],
        });
        assert.match(
            await running.waiting("private", "ImagePullBackOff"),
            /ghcr\.io.*401 Unauthorized/,
        );
        await running.client.core.createNamespacedSecret({
            namespace: NAMESPACE,
            body: {
                metadata: { name: "pull" },
                type: "kubernetes.io/dockerconfigjson",
                stringData: {
                    ".dockerconfigjson": JSON.stringify({
                        auths: { "ghcr.io": { username: "u", password: "p" } },
                    }),
                },
            },
        });
        await running.running("private");
    });

    it("keeps a container waiting for its environment, and a Pod for its volumes", async () => {
        await running.pod("environment", {
            containers: [
                {
                    name: "main",
                    image: "example.invalid/any:1",
                    env: [
                        {
                            name: "A",
                            valueFrom: { secretKeyRef: { name: "smtp", key: "smtp-pass" } },
                        },
                    ],
                },
            ],
        });
        await running.pod("volume", {
            containers: [
                {
                    name: "main",
                    image: "example.invalid/any:1",
                    volumeMounts: [{ name: "v", mountPath: "/v" }],
                },
            ],
            volumes: [{ name: "v", configMap: { name: "plan" } }],
        });
        assert.equal(
            await running.waiting("environment", "CreateContainerConfigError"),
            'secret "smtp" not found',
        );
        await running.waiting("volume", "ContainerCreating");
        await eventually("the event", async () => {
            const events = await running.client.core.listNamespacedEvent({ namespace: NAMESPACE });
            assert.ok(
                events.items.some(
                    (e) =>
                        e.reason === "FailedMount" &&
                        e.message ===
                            'MountVolume.SetUp failed for volume "v" : configmap "plan" not found',
                ),
            );
        });
        await running.client.core.createNamespacedSecret({
            namespace: NAMESPACE,
            body: { metadata: { name: "smtp" }, stringData: { "smtp-pass": "x" } },
        });
        await running.client.core.createNamespacedConfigMap({
            namespace: NAMESPACE,
            body: { metadata: { name: "plan" }, data: { a: "1" } },
        });
        await running.running("environment");
        await running.running("volume");
    });

    it("binds a claim of the packaged StorageClass, and none of a class that nobody brought", async () => {
        for (const storageClassName of ["local-path", "hcloud-volumes"]) {
            await running.client.core.createNamespacedPersistentVolumeClaim({
                namespace: NAMESPACE,
                body: {
                    metadata: { name: storageClassName },
                    spec: {
                        storageClassName,
                        accessModes: ["ReadWriteOnce"],
                        resources: { requests: { storage: "1Gi" } },
                    },
                },
            });
            await running.pod(storageClassName, {
                volumes: [{ name: "d", persistentVolumeClaim: { claimName: storageClassName } }],
            });
        }
        await running.running("local-path");
        await eventually(
            "the scheduler's word",
            async () => {
                const { status } = await running.readPod("hcloud-volumes");
                const scheduled = status?.conditions?.find((c) => c.type === "PodScheduled");
                assert.equal(scheduled?.reason, "Unschedulable");
                assert.match(scheduled.message ?? "", /unbound immediate PersistentVolumeClaims/);
            },
            WAIT,
        );
    });

    it("completes a Job and gives a LoadBalancer Service no address where nothing would", async () => {
        await running.client.batch.createNamespacedJob({
            namespace: NAMESPACE,
            body: {
                metadata: { name: "once" },
                spec: {
                    template: {
                        spec: {
                            restartPolicy: "Never",
                            containers: [{ name: "c", image: "example.invalid/job:1" }],
                        },
                    },
                },
            },
        });
        await running.client.core.createNamespacedService({
            namespace: NAMESPACE,
            body: {
                metadata: { name: "balanced" },
                spec: { type: "LoadBalancer", selector: { app: "web" }, ports: [{ port: 80 }] },
            },
        });
        await eventually(
            "the Job",
            async () => {
                const job = await running.client.batch.readNamespacedJob({
                    namespace: NAMESPACE,
                    name: "once",
                });
                assert.equal(job.status?.succeeded, 1);
            },
            WAIT,
        );
        const service = await running.client.core.readNamespacedService({
            namespace: NAMESPACE,
            name: "balanced",
        });
        assert.equal(service.status?.loadBalancer?.ingress, undefined);
    });

    it("runs stand-ins with the files that the container would see", async () => {
        await running.client.core.createNamespacedSecret({
            namespace: NAMESPACE,
            body: {
                metadata: { name: "keys" },
                stringData: { "private.pem": "key 1", other: "x" },
            },
        });
        await running.pod("mail", {
            containers: [
                {
                    name: "main",
                    image: STAND_IN_IMAGE,
                    volumeMounts: [
                        { name: "keys", mountPath: "/etc/keys" },
                        { name: "keys", mountPath: "/etc/fixed.pem", subPath: "dkim/k.pem" },
                    ],
                },
            ],
            volumes: [
                {
                    name: "keys",
                    secret: {
                        secretName: "keys",
                        items: [{ key: "private.pem", path: "dkim/k.pem" }],
                    },
                },
            ],
        });
        await running.running("mail");
        const view = views.find((v) => v.name === "mail");
        assert.ok(view);
        const read = async (path: string) => (await view.readFile("main", path))?.toString();
        assert.equal(await read("/etc/keys/dkim/k.pem"), "key 1");
        assert.equal(await read("/etc/keys/private.pem"), undefined);
        assert.deepEqual(await view.listFiles("main", "/etc/keys/dkim"), ["k.pem"]);
        await running.client.core.patchNamespacedSecret({
            namespace: NAMESPACE,
            name: "keys",
            body: [
                {
                    op: "replace",
                    path: "/data/private.pem",
                    value: Buffer.from("key 2").toString("base64"),
                },
            ],
        });
        assert.equal(await read("/etc/keys/dkim/k.pem"), "key 2");
        assert.equal(await read("/etc/fixed.pem"), "key 1", "subPath mounts are not updated");
        await running.client.core.deleteNamespacedPod({ namespace: NAMESPACE, name: "mail" });
        await eventually(
            "the stop",
            () => {
                assert.deepEqual(stopped, ["mail"]);
            },
            WAIT,
        );
    });
});
