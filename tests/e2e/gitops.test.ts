/**
 * Proves on the real engine, the real providers, the real API server with Flux's own definitions and a lab of its own: a stack goes from
 * `bootstrap: pulumi` to `flux`, with both releases the kit's, and back, and no object in the cluster is deleted or made anew, nor anything
 * of a zone beside its own changed; the preview says so; the objects that the program writes for Flux, and the slots that it renders for
 * the kit, are what Flux's kinds accept. It does not prove that Flux applies a kit: no controller of it runs here.
 */
import assert from "node:assert/strict";
import {
    AppsV1Api,
    CustomObjectsApi,
    KubeConfig,
    KubernetesObjectApi,
} from "@kubernetes/client-node";
import type { CoreV1Api, KubernetesObject } from "@kubernetes/client-node";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { prerequisites } from "../../components/bootstrap/prerequisites.ts";
import { auditStack } from "../../components/bootstrap/stackAudit.ts";
import { kitSlot } from "../../components/bootstrap/kitSlots.ts";
import type { PulumiCli } from "../../lab/pulumiCli.ts";
import { readState } from "../../lab/commands/stackState.ts";
import type { TestLab } from "../support/toolchain.ts";
import { clusterOf, helmReleases } from "./clusterAndConsole.ts";
import { FQDN, WHOLE_STACK, readOutputs, startSovereignLab, succeeds, up } from "./sovereignLab.ts";
import type { Outputs } from "./sovereignLab.ts";

const KIT = { mailServer: "kit", platform: "kit", certManager: "kit" } as const;
const SHARED = ["bp-stalwart-sovereign", "bp-catalyst-platform"] as const;

const previewSchema = z.object({
    steps: z.array(
        z.looseObject({
            op: z.string(),
            urn: z.string(),
            oldState: z.looseObject({ retainOnDelete: z.boolean().optional() }).optional(),
        }),
    ),
});

const helmReleaseSchema = z.looseObject({
    metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).optional() }),
    spec: z.looseObject({ suspend: z.boolean().optional() }),
});

describe("a Sovereign that is handed to GitOps and taken back", function () {
    this.timeout(WHOLE_STACK);
    let lab: TestLab;
    let stack: PulumiCli;
    let config: KubeConfig;
    let core: CoreV1Api;
    let original: ReadonlyMap<string, string>;
    let furtherZones: Outputs["dns"]["furtherZones"];

    before(async () => {
        ({ lab, stack } = await startSovereignLab({ furtherZones: ["homes.example"] }));
        await up(stack);
        const { cluster, dns } = await readOutputs(stack);
        ({ furtherZones } = dns);
        assert.equal(furtherZones.length, 1);
        config = new KubeConfig();
        config.loadFromString(cluster.kubeconfig);
        ({ core } = clusterOf(cluster.kubeconfig));
        original = await objects();
    });

    after(() => lab.stop());

    /** UIDs of what the releases and the program have put into the cluster. */
    async function objects(): Promise<Map<string, string>> {
        const apps = config.makeApiClient(AppsV1Api);
        const custom = config.makeApiClient(CustomObjectsApi);
        const lists = await Promise.all([
            core.listNamespace(),
            core.listServiceForAllNamespaces(),
            core.listPersistentVolumeClaimForAllNamespaces(),
            apps.listDeploymentForAllNamespaces(),
            apps.listStatefulSetForAllNamespaces(),
            core.listNamespacedSecret({
                namespace: "stalwart-sovereign",
                fieldSelector: "type=Opaque",
            }),
            custom.listClusterCustomObject({
                group: "gateway.networking.k8s.io",
                version: "v1",
                plural: "gateways",
            }) as Promise<{ readonly items: readonly KubernetesObject[] }>,
        ]);
        const found = new Map<string, string>();
        for (const [index, { items }] of lists.entries())
            for (const { metadata } of items as readonly KubernetesObject[])
                found.set(
                    `${index} ${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`,
                    metadata?.uid ?? "",
                );
        return found;
    }

    async function assertNothingLost(): Promise<void> {
        const now = await objects();
        for (const [name, uid] of original) assert.equal(now.get(name), uid, name);
        assert.deepEqual((await readOutputs(stack)).dns.furtherZones, furtherZones);
    }

    async function set(values: Readonly<Record<string, string>>): Promise<void> {
        for (const [key, value] of Object.entries(values))
            await succeeds(stack, "config", "set", key, value);
    }

    /** What a preview would take away from the cluster: a deletion of an object that is not kept. */
    async function taken(): Promise<string[]> {
        const { steps } = previewSchema.parse(await stack.json(["preview"]));
        return steps
            .filter(({ op }) => /delete|replace/.test(op))
            .filter(({ oldState }) => oldState?.retainOnDelete !== true)
            .map(({ urn }) => urn.split("::").slice(-2).join(" "))
            .filter((name) => name.includes("kubernetes:"));
    }

    const helmRelease = async (name: string) =>
        helmReleaseSchema.parse(
            await config.makeApiClient(CustomObjectsApi).getNamespacedCustomObject({
                group: "helm.toolkit.fluxcd.io",
                version: "v2",
                namespace: "flux-system",
                plural: "helmreleases",
                name,
            }),
        );

    it("goes over without anything being deleted, which the preview says", async () => {
        await set({
            bootstrap: "flux",
            fluxChart: `oci://${registry()}/charts/bp-flux`,
            fluxChartVersion: "1.1.2",
            mailServerOwner: "kit",
            platformOwner: "kit",
        });
        assert.deepEqual(await taken(), []);
        await up(stack);
        await assertNothingLost();
        const { resources } = await readState(stack);
        const graph = prerequisites({
            gateway: true,
            pullSecrets: true,
            publicCertificates: false,
            kit: KIT,
        });
        assert.deepEqual(auditStack(resources, graph), { drift: [], cycles: [] });
        await succeeds(stack, "preview", "--expect-no-changes");
    });

    it("tells Flux its kit, with the credentials that the kit's sources name", async () => {
        const custom = config.makeApiClient(CustomObjectsApi);
        const kit = z
            .looseObject({
                spec: z.looseObject({ path: z.string(), patches: z.array(z.unknown()) }),
            })
            .parse(
                await custom.getNamespacedCustomObject({
                    group: "kustomize.toolkit.fluxcd.io",
                    version: "v1",
                    namespace: "flux-system",
                    plural: "kustomizations",
                    name: "bootstrap-kit",
                }),
            );
        assert.equal(kit.spec.path, "./clusters/_template/bootstrap-kit");
        assert.ok(kit.spec.patches.length > 5);
        const pull = await core.readNamespacedSecret({
            namespace: "flux-system",
            name: "ghcr-pull",
        });
        assert.equal(pull.type, "kubernetes.io/dockerconfigjson");
    });

    it("renders slots that Flux's kinds accept", async () => {
        const api = KubernetesObjectApi.makeApiClient(config);
        for (const slot of SHARED) {
            const text = kitSlot({
                slot,
                chartVersion: "1.0.0",
                repository: "oci://registry.example/charts",
            }).replaceAll("${SOVEREIGN_FQDN}", FQDN);
            for (const document of parseAllDocuments(text))
                await api.create(document.toJS() as KubernetesObject);
            const values = await core.readNamespacedConfigMap({
                namespace: "flux-system",
                name: `${slot}-values`,
            });
            assert.match(values.data?.["values.yaml"] ?? "", new RegExp(FQDN));
        }
    });

    it("comes back: the kit's releases are suspended and adopted, nothing is deleted", async () => {
        for (const key of ["bootstrap", "mailServerOwner", "platformOwner"])
            await succeeds(stack, "config", "rm", key);
        assert.deepEqual(await taken(), []);
        await up(stack);
        await assertNothingLost();
        for (const slot of SHARED) {
            const { metadata, spec } = await helmRelease(slot);
            assert.equal(spec.suspend, true, slot);
            assert.equal(metadata.annotations?.["kustomize.toolkit.fluxcd.io/prune"], "disabled");
        }
        assert.deepEqual(
            (await helmReleases(core)).filter((release) => release.endsWith(" deployed")),
            [
                "catalyst-system/catalyst-platform deployed",
                "flux-system/flux deployed",
                "kube-system/gateway-api deployed",
                "stalwart-sovereign/stalwart-sovereign deployed",
            ],
        );
        await succeeds(stack, "preview", "--expect-no-changes");
    });

    it("goes over again, takes the Flux that it left behind, and gives the releases back to it", async () => {
        await set({ bootstrap: "flux", mailServerOwner: "kit", platformOwner: "kit" });
        await up(stack);
        await assertNothingLost();
        for (const slot of SHARED) assert.equal((await helmRelease(slot)).spec.suspend, undefined);
    });

    function registry(): string {
        const { host, port } = lab.context.addresses.registry;
        return `${host}:${port}`;
    }
});
