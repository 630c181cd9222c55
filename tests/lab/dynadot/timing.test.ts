// Proves what the emulator does out of time: a single reading that lags behind, a write that is done late or after the next one, faults at
// the n-th request whatever else hits before, somebody else's removals, and a request log that stays bounded.
// Does not prove how often any of it happens at the live service.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RequestLog } from "../../../lab/dynadot/requestLog.ts";
import type { Fault } from "../../../lab/dynadot/faults.ts";
import { startEmulator } from "./emulator.ts";
import type { Emulator } from "./emulator.ts";

const POOL = "omani-dynadot.example";

describe("Dynadot out of time", () => {
    let emulator: Emulator;
    const values = () =>
        emulator.dynadot.account.domains[1]?.hosted.main.map((r) => r.value).slice(3) ?? [];
    const append = (value: string) =>
        emulator.api3("set_dns2", {
            domain: POOL,
            add_dns_to_current_setting: "1",
            main_record_type0: "txt",
            main_record0: value,
        });
    const seen = async (value: string) =>
        JSON.stringify(await emulator.rest("GET", `/domains/${POOL}/records`)).includes(value);
    const script = (action: Fault["action"], more: Partial<Fault> = {}) => {
        emulator.dynadot.faults.add({ action, ...more });
    };

    beforeEach(async () => {
        emulator = await startEmulator();
    });
    afterEach(async () => {
        await emulator.release();
    });

    it("lets one reading lag behind, and only that", async () => {
        await append("fresh");
        script({ kind: "stale-read", seconds: 60 });
        assert.deepEqual([await seen("fresh"), await seen("fresh")], [false, true]);
    });

    it("answers a write at once and does it after the next one", async () => {
        script({ kind: "late-write", seconds: 600 });
        await append("first");
        assert.deepEqual(values(), []);
        await append("second");
        assert.deepEqual(values(), ["second", "first"]);
    });

    it("does a late write when its time has come, where no other is made", async () => {
        script({ kind: "late-write", seconds: 600 });
        await append("late");
        assert.equal(await seen("late"), false);
        emulator.dynadot.clock.advance(600);
        assert.equal(await seen("late"), true);
        assert.deepEqual(values(), ["late"]);
    });

    it("refuses a late write at once where it would be refused", async () => {
        script({ kind: "late-write", seconds: 600 });
        const answer = JSON.stringify(await append(""));
        assert.match(answer, /missing main_record0/);
    });

    it("drops a late write that is refused by then", async () => {
        script({ kind: "late-write", seconds: 600 });
        await append("late");
        const full = Array.from({ length: 17 }, (_, i) => `full${i}`);
        await emulator.rest("POST", `/domains/${POOL}/records`, {
            dns_main_list: full.map((value) => ({ record_type: "txt", record_value1: value })),
            add_dns_to_current_setting: true,
        });
        assert.deepEqual(values(), full);
    });

    it("hits the n-th request, whatever hits those before", async () => {
        script({ kind: "system-busy" }, { skip: 2 });
        script({ kind: "system-busy" }, { operation: "server_list", skip: 1 });
        script({ kind: "system-busy" });
        const busy = async () =>
            JSON.stringify(await emulator.api3("server_list")).includes("system_busy");
        assert.deepEqual(
            [await busy(), await busy(), await busy(), await busy()],
            [true, true, true, false],
        );
    });

    it("lets somebody else remove a record just before a request", async () => {
        const www = { subhost: "www", type: "cname", value: POOL };
        script({ kind: "foreign-write", domain: POOL, removed: [www] });
        assert.equal(await seen('"www"'), false);
    });

    it("puts an account in the place of another, with a past of its own", async () => {
        const before = structuredClone(emulator.dynadot.account);
        await append("first");
        const after = structuredClone(emulator.dynadot.account);
        await append("second");
        await emulator.dynadot.restore(after, before);
        assert.deepEqual(values(), ["first"]);
        script({ kind: "stale-read", seconds: 1 });
        assert.equal(await seen("first"), false);
    });
});

describe("Dynadot's request log", () => {
    it("keeps its file and the one put aside within bounds, over restarts", async () => {
        const directory = await mkdtemp(join(tmpdir(), "request-log-"));
        const file = join(directory, "requests.jsonl");
        const LIMIT = 2000;
        try {
            for (let run = 0; run < 3; run++) {
                const log = new RequestLog(file, LIMIT);
                for (let i = 0; i < 50; i++)
                    log.add({
                        at: i,
                        api: "rest",
                        operation: "get_dns",
                        method: "GET",
                        url: `/restful/v2/domains/x/records?run=${run}&i=${i}`,
                    });
                assert.equal(log.requests.length, 50);
            }
            for (const name of [file, `${file}.1`]) {
                const { size } = await stat(name);
                assert.ok(size > 0 && size < LIMIT + 200, `${name} has ${size} octets`);
            }
            const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
            assert.match(lines.at(-1) ?? "", /"url":"[^"]*run=2&i=49"/);
        } finally {
            await rm(directory, { recursive: true });
        }
    });
});
