/**
 * Proves on the real engine and a lab of its own that a provisioning that is killed goes on: between a call of Hetzner's API and the
 * saved state, and during a Helm install; that the state's loss of a server is mended; that an orphan is found and deleted; and that a
 * stack in use is refused. It does not kill inside the registrar's or PowerDNS' calls (tests/provider), nor a process on another
 * machine; cancelling and destroying are in cancellation.test.ts.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { OperationFailure } from "../../operations/provision/failure.ts";
import { openStack } from "../../operations/provision/engine.ts";
import { preview, provision } from "../../operations/provision/operations.ts";
import { exportState, importState, stackStateOf } from "../../operations/provision/stackState.ts";
import type { ExportedState, StateResource } from "../../operations/provision/stackState.ts";
import { recover } from "../../operations/recover/recover.ts";
import type { Finding } from "../../operations/recover/findings.ts";
import { hetznerRequest } from "../../provider/cloud/hetznerRequest.ts";
import type { KubernetesApi } from "../../provider/cluster/kubernetesApi.ts";
import { releaseRecords } from "../../operations/recover/releaseRecords.ts";
import { clusterOfState } from "../../operations/recover/world.ts";
import { hetznerLabels } from "../../components/names.ts";
import { eventually } from "../support/eventually.ts";
import { startOperationsLab } from "./operationsLab.ts";
import type { OperationsLab } from "./operationsLab.ts";
import { FQDN, WHOLE_STACK } from "./sovereignLab.ts";

const STACK = "dev";

/** The worker's component, and what is in it. */
const LOST = /::sovereign-cluster-w1(-(server|target|node))?$/;

/** Helm's record of the mail server's release while it is being installed. */
const INSTALLING = "stalwart-sovereign pending-install";

const SERVER = "hcloud:index/server:Server";

describe("recovering a Sovereign", function () {
    this.timeout(WHOLE_STACK);
    let world: OperationsLab;
    let firstServer: string;

    before(async () => {
        world = await startOperationsLab();
    });

    after(() => world.lab.stop());

    const servers = () =>
        Object.values(world.lab.hetzner.snapshot().projects).flatMap((project) => project.servers);
    const brief = (findings: readonly Finding[]) =>
        findings.map((f) => [
            f.kind,
            "urn" in f
                ? (f.urn.split("::").at(-1) ?? "")
                : "thing" in f
                  ? f.thing.name
                  : `${f.record.release} ${f.record.status}`,
        ]);

    it("is needed after a kill between a call of the API and the saved state", async () => {
        world.lab.hetzner.injectFault({
            kind: "slow_action",
            command: "create_server",
            milliseconds: 5_000,
        });
        const run = world.run(["provision"], world.request);
        try {
            await eventually(
                "a server",
                () => {
                    assert.equal(servers().length, 1);
                },
                { timeout: 120_000 },
            );
            await assert.rejects(
                provision(world.settings, world.request),
                (error: unknown) =>
                    error instanceof OperationFailure &&
                    error.kind === "locked" &&
                    new RegExp(`provision by .* \\(pid ${run.child.pid}\\) since`).test(
                        error.message,
                    ),
            );
        } finally {
            await run.kill();
        }
        const { pending } = await world.state(STACK);
        assert.ok(pending.some(({ resource }) => resource.type === SERVER));
        await assert.rejects(
            provision(world.settings, world.request),
            (error: unknown) => error instanceof OperationFailure && error.kind === "unrecovered",
        );
    });

    it("says first what it would do, and does nothing", async () => {
        const before = await world.state(STACK);
        const { findings, applied } = await recover(world.settings, STACK);
        assert.equal(applied, false);
        const [server] = servers();
        firstServer = String(server?.id);
        // What else was being made at that moment differs from run to run.
        assert.deepEqual(
            findings.flatMap((f) =>
                f.kind === "import" && f.urn.includes(`$${SERVER}::`) ? [f.id] : [],
            ),
            [firstServer],
        );
        assert.deepEqual(
            findings.filter((f) => f.kind !== "import" && f.kind !== "repeat"),
            [],
        );
        assert.deepEqual(await world.state(STACK), before);
    });

    it("takes into the state what was made", async () => {
        const run = world.run(["recover", "--stack", STACK, "--apply"]);
        const { exitCode, stderr } = await run.ended;
        assert.equal(exitCode, 0, stderr);
        const { resources, pending } = await world.state(STACK);
        assert.deepEqual(pending, []);
        assert.deepEqual(
            resources.filter(({ type }) => type === SERVER).map((r) => r.id),
            [firstServer],
        );
    });

    it("takes a stuck release away after a kill during a Helm install", async () => {
        const run = world.run(["provision"], world.request);
        let api: KubernetesApi | undefined;
        try {
            await eventually(
                "a cluster in the state",
                async () => {
                    assert.equal(run.child.exitCode, null, "it ended before");
                    api = await clusterApi();
                    assert.ok(api !== undefined);
                },
                { timeout: 180_000 },
            );
            await eventually(
                "an install that has begun",
                async () => {
                    assert.equal(run.child.exitCode, null, "it ended before");
                    assert.ok((await statusesAt(api)).includes(INSTALLING));
                },
                { timeout: 180_000, interval: 50 },
            );
        } finally {
            await run.kill();
        }
        const stuck = (await statuses()).filter((s) => s.endsWith("pending-install"));
        assert.ok(stuck.includes(INSTALLING), stuck.join());
        const { findings } = await recover(world.settings, STACK, { apply: true });
        assert.deepEqual(
            brief(findings)
                .flatMap(([kind, what = ""]) => (kind === "stuck-release" ? [what] : []))
                .sort(),
            stuck,
        );
        assert.deepEqual(
            (await statuses()).filter((s) => !s.endsWith("deployed")),
            [],
        );
    });

    it("lets the killed run go on to a whole Sovereign, on the servers that it had", async () => {
        const { exitCode, stderr } = await world.run(["provision"], world.request).ended;
        assert.equal(exitCode, 0, stderr);
        assert.deepEqual(await statuses(), [
            "catalyst-platform deployed",
            "gateway-api deployed",
            "stalwart-sovereign deployed",
        ]);
        assert.equal(servers().length, 2);
        assert.ok(servers().some(({ id }) => String(id) === firstServer));
        assert.deepEqual((await preview(world.settings, world.request)).steps, []);
    });

    it("puts a server back into a state that has lost it", async () => {
        const stack = await openStack(world.settings, STACK, false);
        const { resources } = await world.state(STACK);
        const lost = resources.find(({ type, id }) => type === SERVER && id !== firstServer);
        await importState(stack, without(await exportState(stack), LOST));
        const { findings } = await recover(world.settings, STACK, { apply: true });
        assert.deepEqual(findings, [
            {
                kind: "import",
                urn: lost?.urn,
                id: lost?.id,
                why: "carries the Sovereign's label or name, and the state does not know it",
            },
        ]);
        await provision(world.settings, world.request);
        assert.equal(servers().length, 2);
        assert.deepEqual((await preview(world.settings, world.request)).steps, []);
    });

    it("keeps an orphan unless it is told to delete it, protected as it is, and never takes another Sovereign's", async () => {
        const { addresses, credentials } = world.lab.context;
        const access = {
            endpoint: `http://${addresses.hetzner.host}:${addresses.hetzner.port}/v1`,
            token: credentials.hcloudToken,
        };
        const signal = AbortSignal.timeout(30_000);
        const make = async (name: string, fqdn: string) => {
            const { body } = await hetznerRequest(access, "POST", "networks", {
                signal,
                body: { name, ip_range: "10.99.0.0/16", labels: hetznerLabels(fqdn) },
            });
            const { network } = z
                .object({ network: z.looseObject({ id: z.number() }) })
                .parse(body);
            const protection = `networks/${network.id}/actions/change_protection`;
            await hetznerRequest(access, "POST", protection, { signal, body: { delete: true } });
        };
        await make("left-over", FQDN);
        await make("not-ours", "other.example");
        const kept = await recover(world.settings, STACK, { apply: true });
        assert.deepEqual(brief(kept.findings), [["orphan", "left-over"]]);
        const deleted = await recover(world.settings, STACK, { apply: true, deleteOrphans: true });
        assert.deepEqual(brief(deleted.findings), [["delete", "left-over"]]);
        const { body } = await hetznerRequest(access, "GET", "networks", { signal });
        const names = z.object({ networks: z.array(z.looseObject({ name: z.string() })) });
        assert.ok(!names.parse(body).networks.some(({ name }) => name === "left-over"));
        assert.ok(names.parse(body).networks.some(({ name }) => name === "not-ours"));
        assert.deepEqual(brief((await recover(world.settings, STACK)).findings), []);
    });

    /** The cluster that the state knows; undefined where there is none yet. */
    async function clusterApi(): Promise<KubernetesApi | undefined> {
        const stack = await openStack(world.settings, STACK, false);
        const state = stackStateOf(await exportState(stack, "plain"));
        return clusterOfState(state, AbortSignal.timeout(WHOLE_STACK))?.api;
    }

    /** Helm's records in a cluster, as `<release> <status>`. */
    async function statusesAt(api: KubernetesApi | undefined): Promise<string[]> {
        const records = api === undefined ? [] : await releaseRecords(api);
        return records.map(({ release, status }) => `${release} ${status}`).sort();
    }

    async function statuses(): Promise<string[]> {
        return statusesAt(await clusterApi());
    }
});

/** A state as it would be had these resources never been recorded, nor what depends on them. */
function without(state: ExportedState, lost: RegExp): ExportedState {
    const kept = (urns: unknown) =>
        z
            .array(z.string())
            .parse(urns ?? [])
            .filter((urn) => !lost.test(urn));
    const forget = (resource: StateResource): StateResource => ({
        ...resource,
        dependencies: kept(resource.dependencies),
        propertyDependencies: Object.fromEntries(
            Object.entries(
                z.record(z.string(), z.unknown()).parse(resource.propertyDependencies ?? {}),
            ).map(([name, urns]) => [name, kept(urns)]),
        ),
    });
    const resources = state.deployment?.resources ?? [];
    return {
        ...state,
        deployment: {
            ...state.deployment,
            resources: resources.filter(({ urn }) => !lost.test(urn)).map(forget),
        },
    };
}
