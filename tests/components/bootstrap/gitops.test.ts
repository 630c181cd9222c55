/**
 * Proves what the program installs with `bootstrap: flux`, whoever owns the two releases: Flux with its pull Secret, the kit after what it reads,
 * values for the slots that the kit owns and no release of those, the Hetzner token only where Crossplane is to have it; and that what may go
 * over to the kit outlives its resource. It does not prove that Flux's kinds accept it (end-to-end test of GitOps).
 */
import assert from "node:assert/strict";
import { loadConfig } from "../../../config.ts";
import { Sovereign } from "../../../components/sovereign.ts";
import { leaksOf } from "../../support/leaks.ts";
import { childOf, isSecretValue, plainInputs, plan } from "../../support/plan.ts";
import type { Child } from "../../support/plan.ts";
import { sovereignOutputs } from "../../support/sovereignOutputs.ts";
import { MINIMAL, stackConfig } from "../../support/stackFixtures.ts";
import type { StackValues } from "../../support/stackFixtures.ts";

const FLUX: StackValues = {
    ...MINIMAL,
    bootstrap: "flux",
    fluxChartVersion: "1.1.2",
    gitopsInfrastructurePath: "./clusters/_template/infrastructure",
    imageRegistryUsername: "robot",
    imageRegistryToken: "registry-token",
    "hcloud:token": "t".repeat(64),
};
const KIT = { mailServerOwner: "kit", platformOwner: "kit" };

async function planned(values: StackValues): Promise<readonly Child[]> {
    const { children } = await plan(() => new Sovereign("sovereign", loadConfig()), {
        outputs: sovereignOutputs(),
        ...stackConfig(values),
    });
    return children;
}

const releases = (children: readonly Child[]): string[] =>
    children.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release").map(({ name }) => name);

describe("a Sovereign with a bootstrap kit", () => {
    let kit: readonly Child[];
    let program: readonly Child[];

    before(async () => {
        kit = await planned({ ...FLUX, ...KIT });
        program = await planned(FLUX);
    });

    const waits = (children: readonly Child[], name: string, on: string) => {
        assert.ok(childOf(children, name).dependencies.includes(on), `${name} after ${on}`);
    };

    it("has Flux by the chart of the kit's slot, under its name, after its credentials", () => {
        const { inputs } = childOf(kit, "sovereign-flux-release");
        assert.deepEqual(
            [inputs.chart, inputs.version, inputs.name, inputs.namespace],
            ["oci://ghcr.io/openova-io/bp-flux", "1.1.2", "flux", "flux-system"],
        );
        waits(kit, "sovereign-flux-release", "sovereign-flux-pull");
        waits(kit, "sovereign-kit-openova", "sovereign-ready-flux");
        const pull = childOf(kit, "sovereign-flux-pull");
        assert.ok(isSecretValue(pull.inputs.stringData));
        assert.equal((plainInputs(pull).metadata as { name: string }).name, "ghcr-pull");
    });

    it("releases exactly what is its own", () => {
        assert.deepEqual(releases(kit), ["sovereign-flux-release"]);
        assert.deepEqual(releases(program), [
            "sovereign-flux-release",
            "sovereign-mail-release",
            "sovereign-platform-release",
        ]);
    });

    it("writes the values of the slots that the kit owns, without a secret, before the kit", () => {
        for (const [part, slot] of [
            ["mail", "bp-stalwart-sovereign"],
            ["platform", "bp-catalyst-platform"],
        ] as const) {
            const { metadata, data } = plainInputs(childOf(kit, `sovereign-${part}-kit-values`));
            const { name, namespace, labels } = metadata as Record<string, unknown>;
            assert.deepEqual([name, namespace], [`${slot}-values`, "flux-system"]);
            assert.equal(
                (labels as Record<string, string>)["reconcile.fluxcd.io/watch"],
                "Enabled",
            );
            assert.match(
                (data as Record<string, string>)["values.yaml"] ?? "",
                /omantel\.example\.org/,
            );
        }
        waits(kit, "sovereign-kit-openova", "sovereign-platform-kit-values");
        waits(kit, "sovereign-kit-openova", "sovereign-platform-smtp");
        assert.deepEqual(leaksOf(kit, ["registry-token", "t".repeat(64)]), []);
    });

    it("waits for the kit's bp-gitea where the platform is its own", () => {
        waits(program, "sovereign-ready-kit-gitea", "sovereign-kit-bootstrap-kit");
        waits(program, "sovereign-platform-smtp", "sovereign-ready-kit-gitea");
    });

    it("takes a release over before it installs it, and gives none away that it keeps", () => {
        waits(program, "sovereign-mail-release", "sovereign-hand-over-mail");
        waits(program, "sovereign-platform-release", "sovereign-hand-over-platform");
        assert.ok(!kit.some(({ name }) => name === "sovereign-hand-over-mail"));
    });

    it("lets everything outlive its resource that may go over, or that Flux's end would take along", () => {
        const kept = program
            .filter(({ options }) => options.retainOnDelete)
            .map(({ name }) => name);
        assert.deepEqual(kept.sort(), [
            "sovereign-flux-default-deny",
            "sovereign-flux-namespace",
            "sovereign-flux-pull",
            "sovereign-flux-release",
            "sovereign-kit-bootstrap-kit",
            "sovereign-kit-infrastructure-config",
            "sovereign-kit-openova",
            "sovereign-mail-release",
            "sovereign-platform-release",
        ]);
    });

    it("gives the Hetzner token to Crossplane where it is told to, and to nothing else", async () => {
        const withToken = (children: readonly Child[]) =>
            children
                .filter(({ type }) => type.startsWith("kubernetes:"))
                .filter((child) => JSON.stringify(plainInputs(child)).includes("t".repeat(64)))
                .map(({ name }) => name);
        assert.deepEqual(withToken(kit), []);
        const crossplane = await planned({ ...FLUX, ...KIT, crossplaneCredentials: true });
        assert.deepEqual(withToken(crossplane), ["sovereign-crossplane-token"]);
        waits(crossplane, "sovereign-kit-openova", "sovereign-crossplane-token");
    });
});
