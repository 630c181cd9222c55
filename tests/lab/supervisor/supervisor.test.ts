/**
 * Proves: parts start in order and stop in reverse, a part that fails takes the others down again, and the control server tells all
 * of it. Does not prove: anything about the real parts; they have tests of their own.
 */
import assert from "node:assert/strict";
import { labAddresses } from "../../../lab/addresses.ts";
import { LAB_CREDENTIALS } from "../../../lab/credentials.ts";
import type { LabContext, LabPart, PartStatus } from "../../../lab/parts.ts";
import { controlServer } from "../../../lab/supervisor/controlServer.ts";
import type { LabStatus } from "../../../lab/supervisor/labStatus.ts";
import { Supervisor } from "../../../lab/supervisor/supervisor.ts";
import { testToolchain } from "../../support/toolchain.ts";

const IDENTITY = { pid: 4711, clone: "/clone", startedAt: "2026-01-01T00:00:00.000Z" };

/** A part that writes down what is done to it. */
function part(name: string, journal: string[], failure?: string): LabPart {
    let state: PartStatus["state"] = "stopped";
    return {
        name,
        start: () => {
            journal.push(`start ${name}`);
            if (failure !== undefined) {
                state = "failed";
                return Promise.reject(new Error(failure));
            }
            state = "ready";
            return Promise.resolve();
        },
        stop: () => {
            if (state === "ready") journal.push(`stop ${name}`);
            state = "stopped";
            return Promise.resolve();
        },
        status: () => ({ state, processes: [], details: {} }),
    };
}

describe("the lab's supervisor", () => {
    let context: LabContext;
    let lines: string[];
    before(async function () {
        this.timeout(60_000);
        const { binaries } = await testToolchain();
        context = {
            addresses: labAddresses(9),
            binaries,
            credentials: LAB_CREDENTIALS,
            directory: "/nowhere",
            log: (name, message) => lines.push(`${name}: ${message.replace(/\d+ ms/, "N ms")}`),
        };
    });
    beforeEach(() => {
        lines = [];
    });

    it("starts the parts in order, and stops them once, in reverse", async () => {
        const journal: string[] = [];
        const supervisor = new Supervisor(
            context,
            [part("a", journal), part("b", journal)],
            IDENTITY,
        );
        assert.equal(supervisor.status().state, "starting");
        await supervisor.start();
        assert.equal(supervisor.status().state, "ready");
        assert.deepEqual(lines, [
            "a: starts",
            "a: is ready after N ms",
            "b: starts",
            "b: is ready after N ms",
        ]);
        await Promise.all([supervisor.stop(), supervisor.stop()]);
        assert.deepEqual(journal, ["start a", "start b", "stop b", "stop a"]);
        assert.equal(supervisor.status().state, "stopping");
    });

    it("stops what runs already when a part does not start, and names it", async () => {
        const journal: string[] = [];
        const parts = [
            part("a", journal),
            part("b", journal, "address in use"),
            part("c", journal),
        ];
        const supervisor = new Supervisor(context, parts, IDENTITY);
        await assert.rejects(supervisor.start(), {
            message: "the lab's part b did not start: address in use",
        });
        assert.deepEqual(journal, ["start a", "start b", "stop a"]);
        const { state, error } = supervisor.status();
        assert.deepEqual(
            [state, error],
            ["failed", "the lab's part b did not start: address in use"],
        );
    });

    it("starts no further part once it is told to stop", async () => {
        const journal: string[] = [];
        const slow = part("slow", journal);
        const gate = Promise.withResolvers<undefined>();
        const supervisor = new Supervisor(
            context,
            [
                {
                    ...slow,
                    start: async () => {
                        await gate.promise;
                        await slow.start();
                    },
                },
                part("b", journal),
            ],
            IDENTITY,
        );
        const started = supervisor.start();
        const stopped = supervisor.stop();
        gate.resolve(undefined);
        await Promise.all([started, stopped]);
        assert.deepEqual(journal, ["start slow", "stop slow"]);
    });

    it("counts as failed when a part fails later", async () => {
        const journal: string[] = [];
        let broken = false;
        const fragile = part("fragile", journal);
        const supervisor = new Supervisor(
            context,
            [
                {
                    ...fragile,
                    status: () =>
                        broken ? { ...fragile.status(), state: "failed" } : fragile.status(),
                },
            ],
            IDENTITY,
        );
        await supervisor.start();
        broken = true;
        const { state, error } = supervisor.status();
        assert.deepEqual([state, error], ["failed", "the part fragile failed"]);
        await supervisor.stop();
    });

    it("goes on stopping when a part does not stop, and says which", async () => {
        const journal: string[] = [];
        const stubborn = {
            ...part("b", journal),
            stop: () => Promise.reject(new Error("will not")),
        };
        const supervisor = new Supervisor(context, [part("a", journal), stubborn], IDENTITY);
        await supervisor.start();
        await assert.rejects(supervisor.stop(), { message: "not every part stopped: b: will not" });
        assert.deepEqual(journal, ["start a", "start b", "stop a"]);
    });

    it("answers on its control server", async () => {
        const journal: string[] = [];
        const supervisor = new Supervisor(context, [part("a", journal)], IDENTITY);
        let stops = 0;
        const server = controlServer({ status: () => supervisor.status(), stop: () => stops++ });
        assert.equal((await server.inject("/ready")).statusCode, 503);
        await supervisor.start();
        assert.equal((await server.inject("/ready")).statusCode, 200);
        const status = (await server.inject("/status")).json<LabStatus>();
        assert.deepEqual(
            [status.state, status.instance, status.pid, status.clone, status.parts],
            ["ready", 9, 4711, "/clone", { a: { state: "ready", processes: [], details: {} } }],
        );
        const stop = await server.inject({ method: "POST", url: "/stop" });
        assert.deepEqual([stop.statusCode, stops], [202, 1]);
        await server.close();
        await supervisor.stop();
    });
});
