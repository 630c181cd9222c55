/**
 * Proves what the audit of a bootstrap kit finds: drift, unknown releases, cycles and files that cannot be read; and that the mail
 * server's slot, as rendered, passes it. It does not prove that Flux installs such a kit.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { auditBootstrap, BOOTSTRAP_GRAPH } from "../../../components/platform/bootstrapGraph.ts";
import type { BootstrapGraph } from "../../../components/platform/bootstrapGraph.ts";
import { readBootstrapKit, UnreadableKit } from "../../../components/platform/bootstrapKit.ts";
import { MAIL_SLOT_FILE, mailSlot } from "../../../components/platform/bootstrapSlot.ts";
import { bootstrapAudit } from "../../../lab/commands/bootstrapKit.ts";

const MAIL = "bp-stalwart-sovereign";
const SLOT = mailSlot({
    fqdn: "omantel.example",
    chartVersion: "0.1.0",
    repository: "oci://registry.example/charts",
    pullSecret: "ghcr-pull",
    values: { sovereignFQDN: "omantel.example" },
});

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
            writeFileSync(join(directory, file), name === MAIL ? SLOT : stringify(release));
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
        assert.equal(MAIL_SLOT_FILE, "95-bp-stalwart-sovereign.yaml");
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

    it("wants every file in the kustomization, and every name there as a file", () => {
        kustomize([MAIL_SLOT_FILE, "96-bp-webmail.yaml"]);
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

describe("mailSlot", () => {
    it("is a namespace, a repository and a release that waits for two others", () => {
        const objects = parseAllDocuments(SLOT).map((document) => document.toJS() as unknown);
        assert.deepEqual(
            objects.map((object) => (object as { kind: string }).kind),
            ["Namespace", "HelmRepository", "HelmRelease"],
        );
        const { spec } = objects[2] as { spec: Record<string, unknown> };
        assert.deepEqual(spec.dependsOn, [
            { name: "bp-cert-manager" },
            { name: "bp-catalyst-platform" },
        ]);
        assert.deepEqual(spec.values, { sovereignFQDN: "omantel.example" });
    });
});
