/**
 * Proves on machines of a lab that the real helm installs cert-manager's own chart, whose pods are its real programs with the rights of the chart's
 * ServiceAccounts, on whichever node; that the API server reaches the webhook as k3s' does, by the pod's address; and that the programs end with their pods.
 * Does not prove that anything is issued (tests/e2e/certificates.test.ts).
 */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiException } from "@kubernetes/client-node";
import { execa } from "execa";
import { containerArguments } from "../../../lab/machines/addons/certManager.ts";
import { eventually } from "../../support/eventually.ts";
import { RunningCluster, WAIT } from "../../support/runningCluster.ts";

const NAMESPACE = "cert-manager";

describe("cert-manager on the lab's machines", function () {
    this.timeout(300_000);
    let running: RunningCluster;
    let folder: string;

    before(async () => {
        running = await RunningCluster.claim();
        await running.boot();
        folder = await mkdtemp(join(tmpdir(), "sovereign-cert-manager-"));
        await writeFile(join(folder, "kubeconfig"), running.client.config.exportConfig());
        const { helm, certManagerChart } = running.lab.context.binaries;
        await execa(
            helm.path,
            [
                "install",
                "cert-manager",
                certManagerChart,
                `--namespace=${NAMESPACE}`,
                "--create-namespace",
                "--set=crds.enabled=true",
                "--wait",
                "--timeout=120s",
            ],
            {
                env: {
                    KUBECONFIG: join(folder, "kubeconfig"),
                    HELM_CACHE_HOME: folder,
                    HELM_CONFIG_HOME: folder,
                    HELM_DATA_HOME: folder,
                    NO_PROXY: "*",
                },
            },
        );
    });

    after(async () => {
        await running.release();
        await rm(folder, { recursive: true, force: true });
    });

    const issue = (spec: Readonly<Record<string, unknown>>) =>
        running.client.custom.createNamespacedCustomObject({
            group: "cert-manager.io",
            version: "v1",
            plural: "certificates",
            namespace: NAMESPACE,
            dryRun: "All",
            body: {
                apiVersion: "cert-manager.io/v1",
                kind: "Certificate",
                metadata: { generateName: "test-" },
                spec,
            },
        });

    const GOOD = { secretName: "x", dnsNames: ["x.example"], issuerRef: { name: "x" } };

    async function refusalOf(spec: Readonly<Record<string, unknown>>): Promise<string> {
        try {
            await issue(spec);
        } catch (error) {
            assert.ok(error instanceof ApiException);
            return String(error.body);
        }
        throw new assert.AssertionError({ message: "it was taken" });
    }

    it("has its three programs ready when helm is done, and asked through the webhook", async () => {
        const { items } = await running.client.apps.listNamespacedDeployment({
            namespace: NAMESPACE,
        });
        assert.deepEqual(
            items.map(({ metadata, status }) => [metadata?.name, status?.readyReplicas]).sort(),
            [
                ["cert-manager", 1],
                ["cert-manager-cainjector", 1],
                ["cert-manager-webhook", 1],
            ],
        );
        await issue(GOOD);
        assert.match(await refusalOf({ ...GOOD, dnsNames: [] }), /at least one of commonName/);
        assert.match(
            await refusalOf({ ...GOOD, duration: "1h", renewBefore: "2h" }),
            /admission webhook .*webhook\.cert-manager\.io.* denied the request/,
        );
    });

    it("refuses everything while the webhook is gone, and takes it again when its pod is back", async () => {
        const scale = (replicas: number) =>
            running.client.apps.patchNamespacedDeploymentScale({
                name: "cert-manager-webhook",
                namespace: NAMESPACE,
                body: [{ op: "replace", path: "/spec/replicas", value: replicas }],
            });
        await scale(0);
        await eventually(
            "the webhook to be gone",
            async () => {
                assert.match(await refusalOf(GOOD), /failed calling webhook/);
            },
            WAIT,
        );
        await scale(1);
        await eventually("the webhook to be back", () => issue(GOOD), WAIT);
    });
});

describe("containerArguments", () => {
    it("replace what the environment names, and leave the rest", () => {
        const container = {
            name: "c",
            args: ["--namespace=$(POD_NAMESPACE)", "--level=$(LEVEL)", "--kept=$(UNKNOWN)"],
            env: [
                {
                    name: "POD_NAMESPACE",
                    valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } },
                },
                { name: "LEVEL", value: "2" },
            ],
        };
        const pod = { metadata: { namespace: "work" }, spec: { containers: [container] } };
        assert.deepEqual(containerArguments(pod, container), [
            "--namespace=work",
            "--level=2",
            "--kept=$(UNKNOWN)",
        ]);
    });
});
