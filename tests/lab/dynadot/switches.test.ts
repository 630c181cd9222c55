// Proves the switches for what Dynadot's documentation leaves open: keys of the sandbox, the TTL of an append, trailing dots, records of a
// domain that comes back from other name servers, mail forwarding, and a registry that asks the name servers first.
// Does not prove which way the live service has it.
import assert from "node:assert/strict";
import { LAB_CREDENTIALS } from "../../../lab/credentials.ts";
import { startEmulator } from "./emulator.ts";
import type { Emulator } from "./emulator.ts";

const POOL = "omani-dynadot.example";
const RECORDS = `/domains/${POOL}/records`;

describe("Dynadot's switches", () => {
    let emulator: Emulator;
    const hosted = () => emulator.dynadot.account.domains[1]?.hosted;
    const append = (record: Record<string, string>, more = {}) =>
        emulator.rest("POST", RECORDS, {
            dns_sub_list: [record],
            add_dns_to_current_setting: true,
            ...more,
        });
    beforeEach(async () => {
        emulator = await startEmulator();
    });
    afterEach(async () => {
        await emulator.release();
    });

    it("takes the sandbox's key in the sandbox only, and no other there", async () => {
        const ask = async (key: string) => {
            const answer = await fetch(`${emulator.url}/api3.json?key=${key}&command=server_list`);
            return (await answer.text()).includes("success");
        };
        const key = LAB_CREDENTIALS.dynadotApiKey;
        assert.deepEqual([await ask(key), await ask(`sandbox_${key}`)], [true, false]);
        emulator.dynadot.setSwitches({ sandbox: true });
        assert.deepEqual([await ask(key), await ask(`sandbox_${key}`)], [false, true]);
    });

    it("sets the domain's TTL by an append, or does not", async () => {
        const record = { sub_host: "a", record_type: "a", record_value1: "192.0.2.1" };
        emulator.dynadot.setSwitches({ appendedTtl: "ignore" });
        await append(record, { ttl: 60 });
        assert.equal(hosted()?.ttl, 1800);
        emulator.dynadot.setSwitches({ appendedTtl: "set" });
        await append(record, { ttl: 60 });
        assert.equal(hosted()?.ttl, 60);
    });

    it("keeps trailing dots of host names, or strips them", async () => {
        const at = (sub_host: string) => ({
            sub_host,
            record_type: "ns",
            record_value1: "ns.elsewhere.test.",
        });
        await append(at("kept"));
        emulator.dynadot.setSwitches({ trailingDots: "strip" });
        await append(at("stripped"));
        assert.deepEqual(
            hosted()
                ?.sub.filter(({ type }) => type === "ns")
                .map(({ subhost, value }) => [subhost, value]),
            [
                ["kept", "ns.elsewhere.test."],
                ["stripped", "ns.elsewhere.test"],
            ],
        );
    });

    for (const keepsHostedRecords of [false, true])
        it(`${keepsHostedRecords ? "keeps" : "loses"} the records of a domain that is away on other name servers`, async () => {
            emulator.dynadot.setSwitches({ keepsHostedRecords, appendNeedsMain: false });
            const before = hosted()?.sub.length ?? 0;
            await emulator.rest("POST", "/nameservers/ns.elsewhere.test/add_external", {});
            await emulator.rest("PUT", `/domains/${POOL}/nameservers`, {
                nameserver_list: ["ns.elsewhere.test"],
            });
            await append({ sub_host: "a", record_type: "a", record_value1: "192.0.2.1" });
            assert.equal(hosted()?.sub.length, (keepsHostedRecords ? before : 0) + 1);
        });

    it("refuses records beside mail forwarding", async () => {
        emulator.dynadot.setSwitches({ emailSettings: true });
        const { status, body } = await append({
            sub_host: "a",
            record_type: "a",
            record_value1: "192.0.2.1",
        });
        assert.equal(status, 409);
        assert.match(JSON.stringify(body), /Cannot set DNS .*existing Email Settings/);
    });

    it("has a registry that asks the name servers first", async () => {
        emulator.dynadot.setSwitches({ registryAsksServers: true });
        const host = "ns1.omantel.example";
        await emulator.api3("register_ns", { host, ip: "127.0.0.1" });
        const answer = await emulator.api3("set_ns", { domain: "omantel.example", ns0: host });
        assert.deepEqual(answer, {
            SetNsResponse: {
                ResponseCode: "-1",
                Status: "error",
                Error: `DNS queries for omantel.example to ${host} must respond`,
            },
        });
        assert.equal(emulator.dynadot.account.domains[0]?.mode, "parking");
    });
});
