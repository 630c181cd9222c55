/**
 * Proves what Flux is told of its kit: source, order, the slots that are not its own, and that no release waits for one of those. Each
 * incident of a kit that this prevents is named in its test. It does not prove that Flux acts so.
 */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import {
    gitRepositorySpec,
    infrastructureSpec,
    kitPatches,
    kitReleases,
    kitSpec,
    ownReleases,
} from "../../../components/bootstrap/fluxSpecs.ts";
import { BOOTSTRAP_GRAPH } from "../../../components/bootstrap/kitGraph.ts";
import type { BootstrapGraph } from "../../../components/bootstrap/kitGraph.ts";
import { prerequisites } from "../../../components/bootstrap/prerequisites.ts";
import { ringsOf } from "../../../components/bootstrap/rings.ts";
import type { GitopsConfig, ReleaseOwner } from "../../../config/model.ts";

const BOTH = ["program", "kit"] as const;
const OWNERS: readonly GitopsConfig["owners"][] = BOTH.flatMap((mailServer) =>
    BOTH.flatMap((platform) =>
        BOTH.map((certManager: ReleaseOwner) => ({ mailServer, platform, certManager })),
    ),
);
/** Everything the kit's that can be. */
const KIT = { mailServer: "kit", platform: "kit", certManager: "kit" } as const;

/** Everything the program's that can be. */
const OURS = { mailServer: "program", platform: "program", certManager: "program" } as const;

const GITOPS: GitopsConfig = {
    chart: "oci://ghcr.io/openova-io/bp-flux",
    chartVersion: "1.1.2",
    repository: "https://git.example/openova",
    branch: "main",
    kitPath: "./clusters/_template/bootstrap-kit",
    crossplaneCredentials: false,
    owners: KIT,
};

/** The kit's graph as Flux sees it after the patches: what is suspended never becomes ready. */
function patched(owners: GitopsConfig["owners"]): {
    readonly graph: BootstrapGraph;
    readonly suspended: readonly string[];
} {
    const graph: Record<string, BootstrapGraph[string]> = { ...BOOTSTRAP_GRAPH };
    const suspended: string[] = [];
    for (const { target, patch } of kitPatches(owners)) {
        const spec = patch.spec as
            { suspend?: boolean; dependsOn?: { name: string }[] } | undefined;
        const release = graph[target.name];
        if (target.kind !== "HelmRelease" || release === undefined) continue;
        if (spec?.suspend === true) suspended.push(target.name);
        if (spec?.dependsOn)
            graph[target.name] = { ...release, dependsOn: spec.dependsOn.map(({ name }) => name) };
    }
    return { graph, suspended };
}

describe("the kit as Flux is told of it", () => {
    it("has one owner for every slot: this program or the kit", () => {
        for (const owners of OWNERS) {
            const { suspended } = patched(owners);
            assert.deepEqual(suspended, ownReleases(owners));
            assert.deepEqual(
                [...suspended, ...kitReleases(owners)].sort(),
                Object.keys(BOOTSTRAP_GRAPH).sort(),
            );
        }
        assert.deepEqual(ownReleases({ ...KIT, mailServer: "program", certManager: "program" }), [
            "bp-cilium",
            "bp-flux",
            "bp-cert-manager",
            "bp-stalwart-sovereign",
        ]);
    });

    it("lets no release wait for one that is suspended, and makes no ring", () => {
        for (const owners of OWNERS) {
            const { graph, suspended } = patched(owners);
            for (const [name, { dependsOn }] of Object.entries(graph))
                if (!suspended.includes(name))
                    for (const dependency of dependsOn)
                        assert.ok(
                            !suspended.includes(dependency),
                            `${name} waits for ${dependency}`,
                        );
            assert.deepEqual(ringsOf(graph), []);
        }
    });

    it("keeps every other edge of the kit", () => {
        const { graph } = patched(KIT);
        assert.deepEqual(graph["bp-cert-manager"]?.dependsOn, []);
        assert.deepEqual(graph["bp-coraza"]?.dependsOn, ["bp-cert-manager"]);
        assert.deepEqual(graph["bp-stalwart-sovereign"]?.dependsOn, [
            "bp-cert-manager",
            "bp-catalyst-platform",
        ]);
    });

    it("neither changes nor prunes the program's namespaces (a namespace in two slots)", () => {
        const namespaces = kitPatches(GITOPS.owners).filter(
            ({ target }) => target.kind === "Namespace",
        );
        assert.deepEqual(
            namespaces.map(({ target }) => target.name),
            ["flux-system", "catalyst-system", "stalwart-sovereign", "crossplane-system"],
        );
        for (const { patch } of namespaces)
            assert.deepEqual((patch.metadata as { annotations: object }).annotations, {
                "kustomize.toolkit.fluxcd.io/ssa": "IfNotPresent",
                "kustomize.toolkit.fluxcd.io/prune": "disabled",
            });
    });

    it("prunes no release that goes over to the program", () => {
        for (const { target, patch } of kitPatches(OURS))
            if (ownReleases(OURS).includes(target.name))
                assert.deepEqual((patch.metadata as { annotations: object }).annotations, {
                    "kustomize.toolkit.fluxcd.io/prune": "disabled",
                });
    });

    it("waits for the releases that are Flux's own, by name", () => {
        const spec = kitSpec("omantel.example", GITOPS, (value) => stringify(value));
        assert.equal(spec.wait, false);
        assert.deepEqual(
            spec.healthChecks.map(({ name }) => name),
            kitReleases(GITOPS.owners),
        );
        assert.ok(!spec.healthChecks.some(({ name }) => name === "bp-cilium"));
        assert.deepEqual([spec.interval, spec.timeout, spec.prune], ["5m", "30m", true]);
    });

    it("is the template that all Sovereigns share, with this one's name put in (a path that nobody committed)", () => {
        const spec = kitSpec("omantel.example", GITOPS, (value) => stringify(value));
        assert.equal(spec.path, "./clusters/_template/bootstrap-kit");
        assert.deepEqual(spec.postBuild, { substitute: { SOVEREIGN_FQDN: "omantel.example" } });
    });

    it("comes before what needs its kinds (no kind ProviderConfig)", () => {
        const spec = infrastructureSpec("omantel.example", "./clusters/_template/infrastructure");
        assert.deepEqual(spec.dependsOn, [{ name: "bootstrap-kit" }]);
    });

    it("is taken from a repository of one's own, at a commit where one is named, and nothing else of it", () => {
        const { url, ref, ignore } = gitRepositorySpec(GITOPS);
        assert.deepEqual([url, ref], ["https://git.example/openova", { branch: "main" }]);
        assert.equal(ignore, "/*\n!/clusters/_template/bootstrap-kit\n!/platform\n!/products\n");
        const commit = "c".repeat(40);
        assert.deepEqual(gitRepositorySpec({ ...GITOPS, commit }).ref, { branch: "main", commit });
    });
});

describe("prerequisites with a kit", () => {
    const graphOf = (owners: GitopsConfig["owners"]) =>
        prerequisites({
            gateway: true,
            pullSecrets: true,
            publicCertificates: owners.certManager === "program",
            kit: owners,
        });

    it("have Flux after the network and the default StorageClass (Pending for ever)", () => {
        for (const owners of OWNERS)
            assert.deepEqual(graphOf(owners).flux?.dependsOn, ["network", "storage"]);
    });

    it("have the kit after what its releases read, and the program's platform after the kit", () => {
        assert.deepEqual(graphOf(KIT).kit?.dependsOn, [
            "flux",
            "namespaces",
            "certificates",
            "network",
            "platform",
        ]);
        const mixed = graphOf({ ...KIT, platform: "program" });
        assert.ok(mixed.kit?.dependsOn.includes("mail-server"));
        assert.deepEqual(mixed.platform?.dependsOn, ["mail-server", "kit-gitea"]);
    });

    it("have no ring and no dependency that is not there, whoever owns what", () => {
        for (const owners of OWNERS) {
            const graph = graphOf(owners);
            assert.deepEqual(ringsOf(graph), []);
            for (const [name, { dependsOn }] of Object.entries(graph))
                for (const dependency of dependsOn)
                    assert.ok(dependency in graph, `${name} on ${dependency}`);
        }
    });
});
