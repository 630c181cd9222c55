// Proves what the emulator does to requests on purpose: limits per key, lost requests and replies, half replies, proxies' error
// pages, outages, stale and reordered writes, somebody else's writes; that its log and status never hold a key; and that the
// account outlives a restart. Does not prove how often any of it happens at the live service.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { LAB_CREDENTIALS } from "../../../lab/credentials.ts";
import { redactUrl } from "../../../lab/dynadot/requestLog.ts";
import type { Fault } from "../../../lab/dynadot/faults.ts";
import { eventually } from "../../support/eventually.ts";
import { startEmulator } from "./emulator.ts";
import type { Emulator } from "./emulator.ts";

const POOL = "omani-dynadot.example";

describe("Dynadot faults", () => {
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
    const script = (action: Fault["action"], more: Partial<Fault> = {}) => {
        emulator.dynadot.faults.add({ action, ...more });
    };
    const list = () => emulator.api3("server_list");
    const LISTED = {
        ServerListResponse: { ResponseCode: 0, Status: "success", ServerList: [] },
    };
    const failed = (message: string, Status = "error") => ({
        ServerListResponse: { ResponseCode: "-1", Status, Error: message },
    });

    beforeEach(async () => {
        emulator = await startEmulator();
    });
    afterEach(async () => {
        await emulator.release();
    });

    it("loses a request: the connection ends and nothing was done", async () => {
        script({ kind: "drop-request" });
        await assert.rejects(append("a"), TypeError);
        assert.deepEqual(values(), []);
        await append("a");
        assert.deepEqual(values(), ["a"]);
    });

    it("loses a reply: the connection ends, but it was done", async () => {
        script({ kind: "drop-reply" });
        await assert.rejects(append("a"), TypeError);
        assert.deepEqual(values(), ["a"]);
        const [entry] = emulator.dynadot.requests.requests;
        assert.deepEqual([entry?.fault, entry?.status], ["drop-reply", undefined]);
    });

    it("cuts a reply in the middle, on the wire or in the text", async () => {
        script({ kind: "half-reply" });
        await assert.rejects(append("a"), TypeError);
        script({ kind: "truncated-body" });
        await assert.rejects(append("b"), SyntaxError);
        assert.deepEqual(values(), ["a", "b"]);
    });

    it("shows error pages of a proxy", async () => {
        for (const status of [500, 502, 503] as const) {
            script({ kind: "html", status });
            const { searchParams } = new URL(`http://x/?key=${LAB_CREDENTIALS.dynadotApiKey}`);
            const answer = await fetch(`${emulator.url}/api3.json?${searchParams.toString()}`);
            assert.equal(answer.status, status);
            assert.match(await answer.text(), /^<html>/);
        }
    });

    it("hits the request that the script names, and only that", async () => {
        script({ kind: "system-busy" }, { operation: "server_list", skip: 1, times: 2 });
        await append("a");
        const busy = failed("system busy", "system_busy");
        assert.deepEqual(
            [await list(), await list(), await list(), await list()],
            [LISTED, busy, busy, LISTED],
        );
        assert.equal(emulator.dynadot.faults.pending, 0);
        assert.throws(() => {
            script({ kind: "delay", milliseconds: -1 });
        });
    });

    it("has no connection to its main server for a while", async () => {
        script({ kind: "main-server", seconds: 120 });
        const outage = failed("problem with connection to main server");
        assert.deepEqual([await list(), await list()], [outage, outage]);
        emulator.dynadot.clock.advance(119);
        assert.deepEqual(await list(), outage);
        assert.deepEqual(await emulator.rest("GET", "/nameservers"), {
            status: 503,
            body: {
                code: 503,
                message: "Service Unavailable",
                error: { description: "problem with connection to main server" },
            },
        });
        emulator.dynadot.clock.advance(1);
        assert.deepEqual(await list(), LISTED);
    });

    it("lets somebody else write just before a request", async () => {
        script({
            kind: "foreign-write",
            domain: POOL,
            main: [{ type: "txt", value: "theirs" }],
        });
        await append("mine");
        assert.deepEqual(values(), ["theirs", "mine"]);
    });

    it("reads what was written a while ago", async () => {
        emulator.dynadot.setSwitches({ staleReadSeconds: 60 });
        const seen = async () => {
            const answer = JSON.stringify(await emulator.api3("get_dns", { domain: POOL }));
            return answer.includes("fresh");
        };
        await append("fresh");
        assert.equal(await seen(), false);
        emulator.dynadot.clock.advance(61);
        assert.equal(await seen(), true);
    });

    it("applies two full replacements in the wrong order when they come too close", async () => {
        emulator.dynadot.setSwitches({ reorderSeconds: 600 });
        const replace = (value: string) =>
            emulator.api3("set_dns2", {
                domain: POOL,
                main_record_type0: "txt",
                main_record0: value,
            });
        const main = () => emulator.dynadot.account.domains[1]?.hosted.main.map((r) => r.value);
        await replace("first");
        assert.deepEqual(main(), ["first"]);
        await replace("second");
        assert.deepEqual(main(), ["first"]);
        emulator.dynadot.clock.advance(601);
        await replace("third");
        assert.deepEqual(main(), ["third"]);
    });

    it("does not know a key yet, or an address at all", async () => {
        emulator.dynadot.setSwitches({ keyActivationSeconds: 600 });
        const invalid = { Response: { ResponseCode: "-1", Error: "invalid key" } };
        assert.deepEqual(await list(), invalid);
        emulator.dynadot.clock.advance(600);
        assert.deepEqual(await list(), LISTED);
        emulator.dynadot.setSwitches({ allowedAddresses: ["192.0.2.1"] });
        const { status, body } = await emulator.rest("GET", "/nameservers");
        assert.equal(status, 403);
        assert.match(
            JSON.stringify(body),
            /The request is not allowed from the current IP address/,
        );
        emulator.dynadot.setSwitches({ allowedAddresses: ["127.0.0.1"] });
        assert.deepEqual(await list(), LISTED);
    });

    it("serves one request of a key at a time, across both APIs", async () => {
        script({ kind: "delay", milliseconds: 400 }, { operation: "set_dns2" });
        const first = append("a");
        await eventually("the first request to be under way", () => {
            assert.deepEqual(values(), ["a"]);
        });
        assert.deepEqual(await list(), failed("Currently processing another request"));
        const { status, body } = await emulator.rest("GET", "/nameservers");
        assert.equal(status, 429);
        assert.match(JSON.stringify(body), /concurrent limit/);
        await first;
        assert.deepEqual(await list(), LISTED);
    });

    it("takes changes and scripts over its admin routes", async () => {
        const admin = async (method: string, path: string, body?: unknown) => {
            const answer = await fetch(`${emulator.url}/_lab/${path}`, {
                method,
                ...(body === undefined
                    ? {}
                    : {
                          body: JSON.stringify(body),
                          headers: { "content-type": "application/json" },
                      }),
            });
            return { status: answer.status, body: await answer.json() };
        };
        assert.deepEqual(await admin("POST", "faults", { action: { kind: "system-busy" } }), {
            status: 200,
            body: { pending: 1 },
        });
        assert.equal((await admin("POST", "faults", { action: { kind: "x" } })).status, 400);
        assert.deepEqual((await admin("DELETE", "faults")).body, { pending: 0 });
        assert.equal((await admin("PATCH", "switches", { unknown: true })).status, 400);
        await admin("PATCH", "switches", { dnssecSupported: false });
        assert.equal(emulator.dynadot.switches.dnssecSupported, false);
        const now = emulator.dynadot.clock.now();
        await admin("POST", "clock", { seconds: 3600 });
        assert.ok(emulator.dynadot.clock.now() >= now + 3_600_000);
        await list();
        const { body } = await admin("GET", "requests");
        assert.deepEqual(
            (body as { operation: string }[]).map((r) => r.operation),
            ["server_list"],
        );
        assert.deepEqual((await admin("GET", "account")).body, emulator.dynadot.account);
        await admin("DELETE", "requests");
        assert.deepEqual((await admin("GET", "requests")).body, []);
    });

    it("writes neither key nor secret nor signature into log or status", async () => {
        await append("a");
        await fetch(`${emulator.url}/api3.json?secret=s3cret&KEY=k3y&command=get_ns`);
        await emulator.rest("POST", `/domains/${POOL}/records`, {
            dns_main_list: [],
            add_dns_to_current_setting: true,
        });
        const [first] = emulator.dynadot.requests.requests;
        assert.equal(
            first?.url,
            `/api3.json?key=***&command=set_dns2&domain=${POOL}&add_dns_to_current_setting=1&main_record_type0=txt&main_record0=a`,
        );
        const log = JSON.stringify(emulator.dynadot.requests.requests);
        const status = JSON.stringify(emulator.dynadot.status());
        for (const secret of ["lab-dynadot-key", "lab-dynadot-secret", "s3cret", "k3y", "ignature"])
            assert.ok(!(log + status).includes(secret), `${secret} was found`);
        assert.equal(redactUrl("/x?a=1&key=b&secret=c#d"), "/x?a=1&key=***&secret=***#d");
    });

    it("keeps its account over a restart and tells the registry again", async () => {
        await emulator.api3("add_ns", { host: "ns1.openova.example" });
        await emulator.api3("set_ns", { domain: "omantel.example", ns0: "ns1.openova.example" });
        const account = structuredClone(emulator.dynadot.account);
        emulator.published.length = 0;
        await emulator.restart();
        assert.deepEqual(emulator.dynadot.account, account);
        assert.deepEqual(emulator.published, [
            {
                domain: "omantel.example",
                nameServers: ["ns1.openova.example"],
                glue: {},
                ds: [],
            },
            { domain: POOL, nameServers: [], glue: {}, ds: [] },
        ]);
    });
});

describe("Dynadot rate limit", () => {
    it("lets a bucket of requests through, and then one for each that time brings", async () => {
        const emulator = await startEmulator({ limits: { threads: 1, requestsPerMinute: 3 } });
        try {
            const query = `key=${LAB_CREDENTIALS.dynadotApiKey}&command=server_list`;
            const ask = async () => {
                const answer = await fetch(`${emulator.url}/api3.json?${query}`);
                return { status: answer.status, body: await answer.json() };
            };
            const statuses = [];
            for (let i = 0; i < 3; i++) statuses.push((await ask()).status);
            assert.deepEqual(statuses, [200, 200, 200]);
            const message =
                "Too many requests. Rate limit exceeded. Please try again after 60 seconds.";
            assert.deepEqual(await ask(), {
                status: 429,
                body: {
                    ServerListResponse: { ResponseCode: "-1", Status: "error", Error: message },
                },
            });
            const rest = await emulator.rest("GET", "/nameservers");
            assert.equal(rest.status, 429);
            emulator.dynadot.clock.advance(20);
            assert.equal((await ask()).status, 200);
            assert.equal((await ask()).status, 429);
            const log = await readFile(emulator.dynadot.requests.file, "utf8");
            assert.equal(log.trimEnd().split("\n").length, 7);
        } finally {
            await emulator.release();
        }
    });
});
