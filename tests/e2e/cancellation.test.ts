/**
 * Proves on the real engine and a lab of its own that a provisioning and a destroy which are cancelled in the middle, by a signal to the
 * command line and by an `AbortSignal`, leave nothing open and go on when repeated; that a destroy of what is protected is refused with its
 * names; and that a destroy leaves nothing in the state, at Hetzner, PowerDNS or Dynadot. It does not prove a Ctrl-C at a terminal, which
 * reaches the engine as well, nor a second one, which is a crash (recovery.test.ts).
 */
import assert from "node:assert/strict";
import { remains } from "../../lab/commands/remains/remains.ts";
import { OperationFailure } from "../../operations/provision/failure.ts";
import { destroy, provision } from "../../operations/provision/operations.ts";
import { protectedLines } from "../../operations/provision/protection.ts";
import { recover } from "../../operations/recover/recover.ts";
import { eventually } from "../support/eventually.ts";
import { startOperationsLab } from "./operationsLab.ts";
import type { CommandRun, OperationsLab } from "./operationsLab.ts";
import { FQDN, WHOLE_STACK } from "./sovereignLab.ts";

const STACK = "dev";

const SERVER = "hcloud:index/server:Server";

const CANCELLED = "cancelled; what was begun is recorded";

const PROTECTED = [
    "hcloud:index/loadBalancer:LoadBalancer sovereign-cloud-lb-balancer (at Hetzner and Pulumi)",
    "hcloud:index/network:Network sovereign-cloud-private-network (at Hetzner and Pulumi)",
    "hcloud:index/primaryIp:PrimaryIp sovereign-cloud-cp1-ipv4 (at Hetzner and Pulumi)",
    "hcloud:index/primaryIp:PrimaryIp sovereign-cloud-cp1-ipv6 (at Hetzner and Pulumi)",
    "sovereign:dns:Zone sovereign-dns-zone (at Pulumi)",
    "tls:index/privateKey:PrivateKey sovereign-dkim-r1 (at Pulumi)",
].reduce(
    (text, line) => `${text}\n  ${line}`,
    "6 resources of the stack are protected, so nothing was destroyed:",
);

const DESTROY_ALL = ["destroy", "--stack", STACK, "--include-protected"];

describe("cancelling and destroying by the operations", function () {
    this.timeout(WHOLE_STACK);
    let world: OperationsLab;
    let account: unknown;
    let server: string | undefined;

    before(async () => {
        world = await startOperationsLab({ workerCount: 0 });
        account = holdings();
    });

    after(() => world.lab.stop());

    it("records what a provisioning had begun when a signal ended it", async () => {
        slow("create_server");
        const run = world.run(["provision"], world.request);
        await during(run, "create_server");
        run.child.kill("SIGTERM");
        await endsCancelled(run);
        const { resources, pending } = await world.state(STACK);
        assert.deepEqual(pending, []);
        server = resources.find(({ type }) => type === SERVER)?.id;
        assert.deepEqual(
            servers().map(({ id }) => String(id)),
            [server],
        );
        assert.deepEqual((await recover(world.settings, STACK)).findings, []);
    });

    it("goes on to a whole Sovereign, on the server that it had", async () => {
        const run = world.run(["provision"], world.request);
        const { exitCode, stderr } = await run.ended;
        assert.equal(exitCode, 0, stderr);
        assert.deepEqual(finish(run), {
            type: "finished",
            outcome: "succeeded",
            changes: changesTold(run),
        });
        assert.deepEqual(
            servers().map(({ id }) => String(id)),
            [server],
        );
    });

    it("refuses to destroy what is protected, by its name, and changes nothing", async () => {
        const before = await world.state(STACK);
        const run = world.run(["destroy", "--stack", STACK]);
        const { exitCode, stderr } = await run.ended;
        assert.equal(exitCode, 2);
        assert.equal(
            stderr,
            `error: ${PROTECTED}\n  what to do: to destroy them as well: npx sovereign ${DESTROY_ALL.join(" ")}\n`,
        );
        assert.deepEqual(
            run.events.map(({ type }) => type),
            ["finished"],
        );
        assert.deepEqual(finish(run), {
            type: "finished",
            outcome: "failed",
            changes: {},
            problem: PROTECTED,
        });
        assert.deepEqual(await world.state(STACK), before);
    });

    it("records what a destroy had done when a signal ended it", async () => {
        slow("delete_server");
        const before = (await world.state(STACK)).resources.length;
        const run = world.run(DESTROY_ALL);
        await during(run, "delete_server");
        run.child.kill("SIGINT");
        await endsCancelled(run);
        const { resources, pending } = await world.state(STACK);
        assert.deepEqual(pending, []);
        const { delete: deleted = 0 } = changesTold(run);
        assert.ok(deleted > 0);
        assert.equal(resources.length, before - deleted);
        assert.deepEqual(protectedLines(resources), []);
        assert.deepEqual(servers(), []);
    });

    it("leaves nothing anywhere once it is repeated, without the flag as well, since the protection is off", async () => {
        const { resources } = await world.state(STACK);
        const run = world.run(["destroy", "--stack", STACK]);
        const { exitCode, stderr } = await run.ended;
        assert.equal(exitCode, 0, stderr);
        assert.deepEqual(finish(run), {
            type: "finished",
            outcome: "succeeded",
            changes: { delete: resources.length },
        });
        await leavesNothing();
    });

    it("destroys, protected as it is, what a provisioning had made that its caller gave up", async () => {
        slow("create_server");
        const abort = new AbortController();
        const given = provision(world.settings, world.request, {
            signal: abort.signal,
            onEvent: (event) => {
                if (event.type === "resource" && event.resourceType === SERVER) abort.abort();
            },
        });
        await assert.rejects(given, (error: unknown) => {
            assert.ok(error instanceof OperationFailure);
            assert.deepEqual([error.kind, error.message], ["cancelled", CANCELLED]);
            return true;
        });
        const { resources, pending } = await world.state(STACK);
        assert.deepEqual(pending, []);
        assert.notDeepEqual(protectedLines(resources), []);
        const changes = await destroy(world.settings, STACK, { includeProtected: true });
        assert.deepEqual(changes, { delete: resources.length });
        await leavesNothing();
    });

    const servers = () =>
        Object.values(world.lab.hetzner.snapshot().projects).flatMap((project) => project.servers);

    function slow(command: string): void {
        world.lab.hetzner.injectFault({ kind: "slow_action", command, milliseconds: 5_000 });
    }

    /** Waits until Hetzner is at an action. */
    async function during(run: CommandRun, command: string): Promise<void> {
        await eventually(
            command,
            () => {
                assert.equal(run.child.exitCode, null, "it ended before");
                const actions = Object.values(world.lab.hetzner.snapshot().projects).flatMap(
                    (project) => project.actions,
                );
                assert.ok(actions.some((a) => a.command === command && a.status === "running"));
            },
            { timeout: 180_000, interval: 50 },
        );
    }

    /** The last event, without what differs from run to run. */
    function finish({ events }: CommandRun): unknown {
        const last = events.at(-1);
        if (last?.type !== "finished") return last;
        const { type, outcome, changes, problem } = last;
        return { type, outcome, changes, ...(problem === undefined ? {} : { problem }) };
    }

    /** What the events have told one by one. */
    function changesTold({ events }: CommandRun): Readonly<Record<string, number>> {
        const changes: Record<string, number> = {};
        for (const event of events)
            if (event.type === "resource" && event.state === "done")
                changes[event.action] = (changes[event.action] ?? 0) + 1;
        return changes;
    }

    async function endsCancelled(run: CommandRun): Promise<void> {
        const { exitCode, stderr } = await run.ended;
        assert.equal(exitCode, 130, stderr);
        assert.match(
            stderr,
            /error: cancelled; what was begun is recorded\n {2}what to do: repeat the command to go on where it stopped\n$/,
        );
        assert.deepEqual(finish(run), {
            type: "finished",
            outcome: "cancelled",
            changes: changesTold(run),
            problem: CANCELLED,
        });
    }

    /** What the registrar's account holds; its counter of ids only ever rises. */
    function holdings(): unknown {
        const { domains, hosts } = world.lab.dynadot.account;
        return structuredClone({ domains, hosts });
    }

    async function leavesNothing(): Promise<void> {
        assert.deepEqual(await world.state(STACK), { resources: [], pending: [] });
        const { addresses, credentials } = world.lab.context;
        assert.deepEqual(await remains({ addresses, credentials, fqdn: FQDN }), []);
        assert.deepEqual(await world.lab.powerDns.listBeyondWorld(), { zones: [], recordSets: [] });
        assert.deepEqual(holdings(), account);
        for (const { actions, ...kinds } of Object.values(world.lab.hetzner.snapshot().projects)) {
            assert.ok(actions.length > 0, "the cloud was never asked for anything");
            for (const [kind, list] of Object.entries(kinds)) assert.deepEqual(list, [], kind);
        }
        assert.deepEqual(world.lab.hetzner.listening(), []);
    }
});
