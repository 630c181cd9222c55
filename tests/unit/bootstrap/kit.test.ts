/**
 * Proves what the audit of a bootstrap kit finds: drift, unknown releases, cycles and files that cannot be read; and that the mail
 * server's slot, as rendered, passes it. It does not prove that Flux installs such a kit.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { FLUX_PULL_SECRET } from "../../../components/bootstrap/fluxSpecs.ts";
import { auditBootstrap, BOOTSTRAP_GRAPH } from "../../../components/bootstrap/kitGraph.ts";
import type { BootstrapGraph } from "../../../components/bootstrap/kitGraph.ts";
import { kitIncidents } from "../../../components/bootstrap/kitIncidents.ts";
import { readBootstrapKit, UnreadableKit } from "../../../components/bootstrap/kit.ts";
import { kitSlot, slotFile } from "../../../components/bootstrap/kitSlots.ts";
import { bootstrapAudit } from "../../../lab/commands/bootstrapKit.ts";

const MAIL = "bp-stalwart-sovereign";
interface KitObject {
    readonly kind: string;
    readonly metadata: { readonly annotations: object };
    readonly spec: Readonly<Record<string, unknown>>;
}

const SLOTS = ["bp-stalwart-sovereign", "bp-catalyst-platform"] as const;
const rendered = (slot: (typeof SLOTS)[number]): string =>
    kitSlot({ slot, chartVersion: "0.1.0", repository: "oci://registry.example/charts" });

const changed = (name: string, change: Partial<BootstrapGraph[string]>): BootstrapGraph => ({
    ...BOOTSTRAP_GRAPH,
    [name]: { ...(BOOTSTRAP_GRAPH as BootstrapGraph)[name], slot: 0, dependsOn: [], ...change },
});

describe("auditBootstrap", () => {
    it("finds nothing in the expected graph itself: no drift, no cycle", () => {
        assert.deepEqual(auditBootstrap(BOOTSTRAP_GRAPH), { drift: [], cycles: [] });
    });

    it("has the mail server in slot 95 after exactly these two, and after slot 13", () => {
        const { slot, dependsOn } = BOOTSTRAP_GRAPH[MAIL];
        assert.deepEqual([slot, dependsOn], [95, ["bp-cert-manager", "bp-catalyst-platform"]]);
        assert.equal(BOOTSTRAP_GRAPH["bp-catalyst-platform"].slot, 13);
    });

    it("tells a lost edge, a new one and another slot", () => {
        const { drift } = auditBootstrap(
            changed(MAIL, { slot: 36, dependsOn: ["bp-cert-manager", "bp-gitea"] }),
        );
        assert.deepEqual(drift, [
            "bp-stalwart-sovereign is in slot 36, expected in 95",
            "bp-stalwart-sovereign does not depend on bp-catalyst-platform, as expected",
            "bp-stalwart-sovereign depends on bp-gitea, which is not expected",
        ]);
    });

    it("tells a release that nobody declared, one that is missing, and a dependency that never comes", () => {
        const rest = Object.fromEntries(
            Object.entries<BootstrapGraph[string]>(BOOTSTRAP_GRAPH).filter(
                ([name]) => name !== MAIL,
            ),
        );
        assert.deepEqual(
            auditBootstrap({
                ...rest,
                "bp-webmail": { slot: 96, dependsOn: [] },
                "bp-vpa": { slot: 29, dependsOn: ["bp-metrics"] },
            }).drift,
            [
                "bp-vpa depends on bp-metrics, which is not expected",
                "bp-vpa depends on bp-metrics, which is not in the kit and never comes",
                "bp-webmail (slot 96) is not in the expected graph; declare it there",
                "bp-stalwart-sovereign is expected in slot 95, and is not in the kit",
            ],
        );
    });

    it("tells a ring once, and from the same release on", () => {
        const { cycles } = auditBootstrap(
            changed("bp-cilium", { slot: 1, dependsOn: ["bp-flux"] }),
        );
        assert.deepEqual(cycles, ["bp-cert-manager → bp-cilium → bp-flux → bp-cert-manager"]);
    });
});

describe("a bootstrap kit", () => {
    let directory: string;
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), "sovereign-kit-"));
        write(BOOTSTRAP_GRAPH);
    });
    afterEach(() => {
        rmSync(directory, { recursive: true, force: true });
    });

    function write(graph: BootstrapGraph): void {
        const files = Object.entries(graph).map(([name, { slot, dependsOn }]) => {
            const file = `${String(slot).padStart(2, "0")}-${name}.yaml`;
            const release = {
                kind: "HelmRelease",
                metadata: { name },
                spec: { dependsOn: dependsOn.map((d) => ({ name: d })) },
            };
            const shared = SLOTS.find((other) => other === name);
            writeFileSync(join(directory, file), shared ? rendered(shared) : stringify(release));
            return file;
        });
        kustomize(files);
    }

    function kustomize(resources: readonly string[]): void {
        writeFileSync(
            join(directory, "kustomization.yaml"),
            stringify({ kind: "Kustomization", resources }),
        );
    }

    const audit = () =>
        bootstrapAudit({ lab: 0, signal: new AbortController().signal }, [directory]);

    const unreadable = (): readonly string[] => {
        try {
            readBootstrapKit(directory);
        } catch (error) {
            assert.ok(error instanceof UnreadableKit);
            return error.reasons;
        }
        throw new assert.AssertionError({ message: "the kit was read" });
    };

    it("passes the audit with the slot as it is rendered", async () => {
        assert.deepEqual(SLOTS.map(slotFile), [
            "95-bp-stalwart-sovereign.yaml",
            "13-bp-catalyst-platform.yaml",
        ]);
        assert.deepEqual(readBootstrapKit(directory), BOOTSTRAP_GRAPH);
        assert.equal(await audit(), 0);
    });

    it("fails the audit with 1 on drift and with 2 on a cycle", async () => {
        write({ ...BOOTSTRAP_GRAPH, "bp-vpa": { slot: 29, dependsOn: ["bp-cilium"] } });
        assert.equal(await audit(), 1);
        write({ ...BOOTSTRAP_GRAPH, "bp-cilium": { slot: 1, dependsOn: ["bp-cert-manager"] } });
        assert.equal(await audit(), 2);
    });

    it("fails the audit with 3 on a file that is no YAML, instead of leaving it out", async () => {
        writeFileSync(join(directory, "29-bp-vpa.yaml"), "kind: HelmRelease\n  metadata: {");
        assert.match(unreadable()[0] ?? "", /^29-bp-vpa\.yaml: /);
        assert.equal(await audit(), 3);
    });

    it("fails the audit with what kits have failed by before, by name", async () => {
        const write = (file: string, ...objects: readonly object[]) => {
            writeFileSync(
                join(directory, file),
                objects.map((object) => stringify(object)).join("---\n"),
            );
        };
        const namespace = {
            apiVersion: "v1",
            kind: "Namespace",
            metadata: { name: "kube-system" },
        };
        const release = (name: string, spec: object) => ({
            apiVersion: "helm.toolkit.fluxcd.io/v2",
            kind: "HelmRelease",
            metadata: { name },
            spec: { dependsOn: [{ name: "bp-cert-manager" }], ...spec },
        });
        write("05-bp-sealed-secrets.yaml", namespace, release("bp-sealed-secrets", {}));
        write("06-bp-spire.yaml", namespace, release("bp-spire", {}), {
            apiVersion: "source.toolkit.fluxcd.io/v1beta2",
            kind: "HelmRepository",
            metadata: { name: "bp-spire", namespace: "flux-system" },
            spec: { secretRef: { name: "registry" } },
        });
        write("03-bp-flux.yaml", release("bp-flux", { chart: { spec: { version: "1.1.3" } } }));
        assert.deepEqual(kitIncidents(directory, "1.1.2"), [
            "Namespace kube-system is in more than one slot: 05-bp-sealed-secrets.yaml, 06-bp-spire.yaml",
            "06-bp-spire.yaml: source bp-spire takes its credentials from Secret registry, and nobody writes one but ghcr-pull",
            "03-bp-flux.yaml: the kit's chart of Flux is 1.1.3, and the program installs 1.1.2: set fluxChartVersion to 1.1.3, or the slot to 1.1.2",
        ]);
        assert.equal(await audit(), 1);
        assert.deepEqual(kitIncidents(directory, undefined).length, 2);
    });

    it("wants every file in the kustomization, and every name there as a file", () => {
        kustomize([slotFile(MAIL), "96-bp-webmail.yaml"]);
        const reasons = unreadable();
        assert.ok(reasons.includes("kustomization.yaml does not name 29-bp-vpa.yaml"));
        assert.ok(
            reasons.includes("kustomization.yaml names 96-bp-webmail.yaml, which is not there"),
        );
    });

    it("wants one release in a file, of the file's name", () => {
        writeFileSync(
            join(directory, "29-bp-vpa.yaml"),
            "kind: Namespace\nmetadata: {name: vpa}\n",
        );
        writeFileSync(
            join(directory, "28-bp-reloader.yaml"),
            "kind: HelmRelease\nmetadata: {name: bp-other}\nspec: {}\n",
        );
        assert.deepEqual(unreadable(), [
            "28-bp-reloader.yaml: its HelmRelease is bp-other, expected bp-reloader",
            "29-bp-vpa.yaml: 0 HelmReleases, expected one",
        ]);
    });
});

describe("kitSlot", () => {
    const objects = (slot: (typeof SLOTS)[number]) =>
        parseAllDocuments(rendered(slot)).map((document) => document.toJS() as KitObject);

    it("is a source and a release, and no namespace: that is the program's", () => {
        for (const slot of SLOTS)
            assert.deepEqual(
                objects(slot).map(({ kind }) => kind),
                ["HelmRepository", "HelmRelease"],
            );
    });

    it("waits for exactly what the graph says", () => {
        const [, mail] = objects(MAIL);
        assert.deepEqual(mail?.spec.dependsOn, [
            { name: "bp-cert-manager" },
            { name: "bp-catalyst-platform" },
        ]);
        const [, platform] = objects("bp-catalyst-platform");
        assert.deepEqual(platform?.spec.dependsOn, [{ name: "bp-gitea" }]);
    });

    it("is the same for every Sovereign: its name comes from Flux, its values from the program's ConfigMap", () => {
        const [, mail] = objects(MAIL);
        assert.deepEqual(mail?.spec.values, { sovereignFQDN: "${SOVEREIGN_FQDN}" });
        assert.deepEqual(mail.spec.valuesFrom, [
            {
                kind: "ConfigMap",
                name: "bp-stalwart-sovereign-values",
                valuesKey: "values.yaml",
                optional: false,
            },
        ]);
    });

    it("names the pull Secret that the program writes, and is never pruned", () => {
        for (const slot of SLOTS) {
            const [source, release] = objects(slot);
            assert.deepEqual(source?.spec.secretRef, { name: FLUX_PULL_SECRET });
            assert.deepEqual(release?.metadata.annotations, {
                "kustomize.toolkit.fluxcd.io/prune": "disabled",
            });
        }
    });
});
