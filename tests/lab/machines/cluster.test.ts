// Proves: a server's user data alone brings up a real Kubernetes with exactly the given PKI, tokens and SANs; a worker joins it; Pods
// start, wait or fail by what they refer to; the shared ingress and workload stand-ins act; power off, restart and removal
// leave what they should. Proves nothing about k3s' binary or about containers: those are played.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { connect as connectTls } from "node:tls";
import { connect } from "node:net";
import { V1ProxyProtocol, INETProtocol, Peer } from "proxy-protocol-js";
import type { V1Pod } from "@kubernetes/client-node";
import { ClusterClient, statusOf } from "../../../lab/machines/kubelet/client.ts";
import { K3sReleases } from "../../../lab/machines/k3sRelease.ts";
import { Machines } from "../../../lab/machines/machines.ts";
import { issueLeaf, selfSignedCa } from "../../../lab/machines/control/pki.ts";
import type { PodView } from "../../../lab/parts.ts";
import { eventually } from "../../support/eventually.ts";
import { claimTestLab, type TestLab } from "../../support/labContext.ts";
import {
    clusterFixture,
    machineFixture,
    type ClusterFixture,
    type MachineFixtureOptions,
} from "../../support/machineFixture.ts";

const WAIT = { timeout: 120_000, interval: 200 };
const NAMESPACE = "work";
const STAND_IN_IMAGE = "example.invalid/mail";

function isAlive(pid: number): boolean {
    try {
        return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
    } catch {
        return false;
    }
}

describe("a cluster of the lab's machines", function () {
    this.timeout(300_000);
    let lab: TestLab;
    let releases: K3sReleases;
    let machines: Machines;
    let cluster: ClusterFixture;
    let client: ClusterClient;
    const cleanups: (() => Promise<void>)[] = [];
    const views: PodView[] = [];
    const stopped: string[] = [];

    const control = (): MachineFixtureOptions => ({
        addresses: lab.context.addresses,
        cluster,
        id: 1,
        name: "cp1",
        role: "server",
        nodeIp: "10.0.1.2",
    });
    const worker = (): MachineFixtureOptions => ({
        ...control(),
        id: 2,
        name: "w1",
        role: "agent",
        nodeIp: "10.0.1.10",
        peers: ["10.0.1.2"],
    });
    const newMachines = () =>
        new Machines(lab.context, {
            standIns: [
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
            ],
        });
    const ready = (id: number) =>
        eventually(
            `machine ${id} Ready`,
            () => {
                const guest = machines.guest(id);
                assert.ok(guest?.nodeReady, guest?.console.read().slice(-2000));
            },
            WAIT,
        );
    const pod = (name: string, spec: Partial<NonNullable<V1Pod["spec"]>>) =>
        client.core.createNamespacedPod({
            namespace: NAMESPACE,
            body: {
                metadata: { name, labels: { app: name } },
                spec: { containers: [{ name: "main", image: "example.invalid/any:1" }], ...spec },
            },
        });
    const readPod = (name: string) => client.core.readNamespacedPod({ namespace: NAMESPACE, name });
    const waiting = (name: string, reason: string) =>
        eventually(
            `${name} waits for ${reason}`,
            async () => {
                const found = (await readPod(name)).status?.containerStatuses?.[0]?.state?.waiting;
                assert.equal(found?.reason, reason);
                return found.message ?? "";
            },
            WAIT,
        );
    const running = (name: string) =>
        eventually(
            `${name} runs`,
            async () => {
                const found = await readPod(name);
                assert.equal(found.status?.phase, "Running");
                assert.ok(found.status.containerStatuses?.every((s) => s.ready));
                return found;
            },
            WAIT,
        );

    before(async () => {
        lab = await claimTestLab();
        cleanups.push(() => lab.release());
        releases = new K3sReleases(lab.context);
        await releases.start();
        cleanups.push(() => releases.stop());
        machines = newMachines();
        cleanups.push(() => machines.stop());
        await machines.start();
        cluster = await clusterFixture();
        await machines.powerOn(machineFixture({ ...control(), attached: false }));
        await machines.powerOn(machineFixture(worker()));
    });

    after(async () => {
        for (const cleanup of cleanups.reverse()) await cleanup();
    });

    it("waits for its private interface, which the cloud attaches after the start", async () => {
        await eventually("the wait", () => {
            assert.equal(machines.guest(1)?.state, "waiting for its private interface");
        });
        await machines.networksChanged(machineFixture(control()));
        await ready(1);
        await ready(2);
        client = new ClusterClient({
            server: `https://${lab.context.addresses.prefix}.128.1:6443`,
            ca: cluster.root.certificate,
            client: cluster.admin,
        });
        cleanups.push(() => client.close());
        await client.core.createNamespace({ body: { metadata: { name: NAMESPACE } } });
        await eventually("the default account", () =>
            client.core.readNamespacedServiceAccount({ namespace: NAMESPACE, name: "default" }),
        );
    });

    it("serves a certificate with exactly the names that k3s would put there", async () => {
        const names = await new Promise<string>((resolve, reject) => {
            const socket = connectTls(
                {
                    host: `${lab.context.addresses.prefix}.128.1`,
                    port: 6443,
                    ca: cluster.root.certificate,
                    servername: "kubernetes",
                },
                () => {
                    resolve(String(socket.getPeerCertificate().subjectaltname));
                    socket.destroy();
                },
            );
            socket.once("error", reject);
        });
        assert.deepEqual(names.split(", ").sort(), [
            "DNS:cp1",
            "DNS:kubernetes",
            "DNS:kubernetes.default",
            "DNS:kubernetes.default.svc",
            "DNS:kubernetes.default.svc.cluster.local",
            "DNS:localhost",
            "IP Address:0:0:0:0:0:0:0:1",
            "IP Address:10.0.1.2",
            "IP Address:10.43.0.1",
            "IP Address:127.0.0.1",
            "IP Address:192.0.2.10",
        ]);
    });

    it("registers nodes with addresses, labels and the version they were given", async () => {
        const node = await client.core.readNode({ name: "cp1" });
        assert.equal(node.metadata?.labels?.["node-role.kubernetes.io/control-plane"], "true");
        assert.deepEqual(
            node.status?.addresses?.find((a) => a.type === "InternalIP")?.address,
            "10.0.1.2",
        );
        assert.equal(node.status?.nodeInfo?.kubeletVersion, "v1.36.1+k3s1");
    });

    it("refuses a client of another CA", async () => {
        const other = await issueLeaf(await selfSignedCa("other"), {
            commonName: "x",
            organizations: ["system:masters"],
            usages: ["client"],
        });
        const stranger = new ClusterClient({
            server: `https://${lab.context.addresses.prefix}.128.1:6443`,
            ca: cluster.root.certificate,
            client: other,
        });
        await assert.rejects(stranger.core.listNode(), (error) => statusOf(error) === 401);
    });

    it("keeps a Pod with a private image waiting until its pull Secret is right", async () => {
        await pod("private", {
            containers: [{ name: "main", image: "ghcr.io/openova-io/console:1" }],
            imagePullSecrets: [{ name: "pull" }],
        });
        assert.match(await waiting("private", "ImagePullBackOff"), /ghcr\.io.*401 Unauthorized/);
        await client.core.createNamespacedSecret({
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
        await running("private");
    });

    it("keeps a container waiting for its environment, and a Pod for its volumes", async () => {
        await pod("environment", {
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
        await pod("volume", {
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
            await waiting("environment", "CreateContainerConfigError"),
            'secret "smtp" not found',
        );
        await waiting("volume", "ContainerCreating");
        await eventually("the event", async () => {
            const events = await client.core.listNamespacedEvent({ namespace: NAMESPACE });
            assert.ok(
                events.items.some(
                    (e) =>
                        e.reason === "FailedMount" &&
                        e.message ===
                            'MountVolume.SetUp failed for volume "v" : configmap "plan" not found',
                ),
            );
        });
        await client.core.createNamespacedSecret({
            namespace: NAMESPACE,
            body: { metadata: { name: "smtp" }, stringData: { "smtp-pass": "x" } },
        });
        await client.core.createNamespacedConfigMap({
            namespace: NAMESPACE,
            body: { metadata: { name: "plan" }, data: { a: "1" } },
        });
        await running("environment");
        await running("volume");
    });

    it("binds a claim of the packaged StorageClass, and none of a class that nobody brought", async () => {
        for (const storageClassName of ["local-path", "hcloud-volumes"]) {
            await client.core.createNamespacedPersistentVolumeClaim({
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
            await pod(storageClassName, {
                volumes: [{ name: "d", persistentVolumeClaim: { claimName: storageClassName } }],
            });
        }
        await running("local-path");
        await eventually(
            "the scheduler's word",
            async () => {
                const { status } = await readPod("hcloud-volumes");
                const scheduled = status?.conditions?.find((c) => c.type === "PodScheduled");
                assert.equal(scheduled?.reason, "Unschedulable");
                assert.match(scheduled.message ?? "", /unbound immediate PersistentVolumeClaims/);
            },
            WAIT,
        );
    });

    it("completes a Job and gives a LoadBalancer Service no address where nothing would", async () => {
        await client.batch.createNamespacedJob({
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
        await client.core.createNamespacedService({
            namespace: NAMESPACE,
            body: {
                metadata: { name: "balanced" },
                spec: { type: "LoadBalancer", selector: { app: "web" }, ports: [{ port: 80 }] },
            },
        });
        await eventually(
            "the Job",
            async () => {
                const job = await client.batch.readNamespacedJob({
                    namespace: NAMESPACE,
                    name: "once",
                });
                assert.equal(job.status?.succeeded, 1);
            },
            WAIT,
        );
        const service = await client.core.readNamespacedService({
            namespace: NAMESPACE,
            name: "balanced",
        });
        assert.equal(service.status?.loadBalancer?.ingress, undefined);
    });

    it("serves no CustomResourceDefinition but those of k3s and Cilium", async () => {
        const reply = (await client.custom.listClusterCustomObject({
            group: "apiextensions.k8s.io",
            version: "v1",
            plural: "customresourcedefinitions",
        })) as { items: { spec: { group: string } }[] };
        assert.deepEqual([...new Set(reply.items.map((i) => i.spec.group))].sort(), [
            "cilium.io",
            "helm.cattle.io",
            "k3s.cattle.io",
        ]);
    });

    it("runs stand-ins with the files that the container would see", async () => {
        await client.core.createNamespacedSecret({
            namespace: NAMESPACE,
            body: {
                metadata: { name: "keys" },
                stringData: { "private.pem": "key 1", other: "x" },
            },
        });
        await pod("mail", {
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
        await running("mail");
        const view = views.find((v) => v.name === "mail");
        assert.ok(view);
        const read = async (path: string) => (await view.readFile("main", path))?.toString();
        assert.equal(await read("/etc/keys/dkim/k.pem"), "key 1");
        assert.equal(await read("/etc/keys/private.pem"), undefined);
        assert.deepEqual(await view.listFiles("main", "/etc/keys/dkim"), ["k.pem"]);
        await client.core.patchNamespacedSecret({
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
        await client.core.deleteNamespacedPod({ namespace: NAMESPACE, name: "mail" });
        await eventually(
            "the stop",
            () => {
                assert.deepEqual(stopped, ["mail"]);
            },
            WAIT,
        );
    });

    it("serves Ingress objects on every ready node, behind the PROXY header alone", async () => {
        await pod("web", {});
        await running("web");
        await client.core.createNamespacedService({
            namespace: NAMESPACE,
            body: {
                metadata: { name: "web" },
                spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
            },
        });
        const ca = await selfSignedCa("ingress");
        const leaf = await issueLeaf(ca, {
            commonName: "console.example",
            altNames: ["console.example"],
            usages: ["server"],
        });
        await client.core.createNamespacedSecret({
            namespace: NAMESPACE,
            body: {
                metadata: { name: "web-tls" },
                type: "kubernetes.io/tls",
                stringData: { "tls.crt": leaf.certificate, "tls.key": leaf.privateKey },
            },
        });
        await client.networking.createNamespacedIngress({
            namespace: NAMESPACE,
            body: {
                metadata: { name: "web" },
                spec: {
                    ingressClassName: "cilium",
                    tls: [{ hosts: ["console.example"], secretName: "web-tls" }],
                    rules: ["console.example", "plain.example"].map((host) => ({
                        host,
                        http: {
                            paths: [
                                {
                                    path: "/",
                                    pathType: "Prefix",
                                    backend: { service: { name: "web", port: { number: 80 } } },
                                },
                            ],
                        },
                    })),
                },
            },
        });
        const host = `${lab.context.addresses.prefix}.128.2`;
        const header = new V1ProxyProtocol(
            INETProtocol.TCP4,
            new Peer("192.0.2.7", 4711),
            new Peer("198.51.100.1", 80),
        ).build();
        const plain = (name: string, proxied: boolean) =>
            new Promise<string>((resolve) => {
                let text = "";
                const socket = connect(8080, host, () => {
                    socket.write(
                        `${proxied ? header : ""}GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`,
                    );
                });
                socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
                socket.on("error", () => undefined);
                socket.on("close", () => {
                    resolve(text);
                });
            });
        await eventually(
            "the page",
            async () => {
                assert.match(
                    await plain("plain.example", true),
                    /work\/web<\/code>, pod <code>web</,
                );
            },
            WAIT,
        );
        assert.match(
            await plain("console.example", true),
            /^HTTP\/1\.1 301 .*\r\nlocation: https:\/\/console\.example\//is,
        );
        assert.match(await plain("nobody.example", true), /^HTTP\/1\.1 404 /);
        assert.equal(await plain("plain.example", false), "");
        const secure = await new Promise<string>((resolve, reject) => {
            const raw = connect(8080, host, () => {
                raw.write(header);
                const tls = connectTls(
                    { socket: raw, ca: ca.certificate, servername: "console.example" },
                    () =>
                        tls.write(
                            "GET / HTTP/1.1\r\nHost: console.example\r\nConnection: close\r\n\r\n",
                        ),
                );
                let text = "";
                tls.on("data", (chunk: Buffer) => (text += chunk.toString()));
                tls.on("error", reject);
                tls.on("close", () => {
                    resolve(text);
                });
            });
        });
        assert.match(secure, /^HTTP\/1\.1 200 [\s\S]*work\/web/);
    });

    it("starts a process again that died", async () => {
        const kwok = () => machines.status().processes.find((p) => p.name === "w1/kwok")?.pid;
        const before = kwok();
        assert.ok(before);
        process.kill(before, "SIGKILL");
        await eventually(
            "a new process",
            () => {
                const pid = kwok();
                assert.ok(pid !== undefined && pid !== before);
            },
            WAIT,
        );
        assert.match(
            machines.guest(2)?.console.read() ?? "",
            /kwok was ended by SIGKILL; starting it again in 1000 ms/,
        );
    });

    it("starts everything again from the disks when the lab does", async () => {
        const before = (await client.core.readNamespace({ name: "kube-system" })).metadata?.uid;
        const pids = machines.status().processes.map((p) => p.pid);
        assert.ok(pids.length >= 6);
        await machines.stop();
        assert.deepEqual(pids.filter(isAlive), []);
        machines = newMachines();
        await machines.start();
        await ready(1);
        await ready(2);
        const after = (await client.core.readNamespace({ name: "kube-system" })).metadata?.uid;
        assert.equal(after, before);
        const restarted = await running("web");
        assert.equal(restarted.status?.containerStatuses?.[0]?.restartCount, 1);
    });

    it("ends a removed machine's processes and its disk", async () => {
        const pids = machines
            .status()
            .processes.filter((p) => p.name.startsWith("w1/"))
            .map((p) => p.pid);
        assert.equal(pids.length, 1);
        const file = machines.guest(2)?.console.file ?? "";
        assert.ok(existsSync(file));
        await machines.remove(2);
        assert.deepEqual(pids.filter(isAlive), []);
        assert.equal(existsSync(file), false);
    });
});
