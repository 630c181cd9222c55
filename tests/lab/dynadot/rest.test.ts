// Proves the wire behaviour of the RESTful API v2: authentication and its odd statuses, signatures over raw bytes, records,
// name servers, hosts and DS on the same account as API3. Does not prove field names that the documentation contradicts
// itself on; those are switches.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { restSignature } from "../../../lab/dynadot/restSignature.ts";
import { LAB_CREDENTIALS } from "../../../lab/credentials.ts";
import { startEmulator } from "./emulator.ts";
import type { Emulator } from "./emulator.ts";

const POOL = "/domains/omani-dynadot.example";
const OWN = "/domains/omantel.example";

const success = (data?: unknown) => ({
    status: 200,
    body: { code: 200, message: "Success", ...(data === undefined ? {} : { data }) },
});
const refused = (status: number, message: string, description: string) => ({
    status,
    body: { code: status, message, error: { description } },
});

/** A request by node:http, which sends header names as they are spelled. */
async function raw(url: string, headers: Record<string, string>) {
    const outgoing = request(url, { headers });
    outgoing.end();
    const [response] = (await once(outgoing, "response")) as [import("node:http").IncomingMessage];
    return {
        status: response.statusCode,
        contentType: response.headers["content-type"]?.split(";")[0],
        body: JSON.parse(await text(response)) as unknown,
    };
}

describe("Dynadot RESTful API", () => {
    let emulator: Emulator;
    const rest: Emulator["rest"] = (method, path, body) => emulator.rest(method, path, body);
    const records = async () => {
        const { body } = await rest("GET", `${POOL}/records`);
        return (body as { data: { glue_info: Record<string, unknown> } }).data.glue_info;
    };
    const MAIN = [
        { record_type: "a", record_value1: "192.0.2.80" },
        { record_type: "mx", record_value1: "mail.omani-dynadot.example", record_value2: "10" },
        { record_type: "txt", record_value1: "v=spf1 mx -all" },
    ];
    const SUB = [
        { sub_host: "mail", record_type: "a", record_value1: "192.0.2.25" },
        { sub_host: "www", record_type: "cname", record_value1: "omani-dynadot.example" },
        {
            sub_host: "shop",
            record_type: "forward",
            record_value1: "https://shop.example/",
            record_value2: "1",
        },
    ];
    const dns = (main: unknown, sub: unknown, ttl: string) => ({
        glue_type: "DNS",
        ttl,
        ...(main === undefined ? {} : { dns_main_list: main }),
        ...(sub === undefined ? {} : { dns_sub_list: sub }),
    });

    beforeEach(async () => {
        emulator = await startEmulator();
    });
    afterEach(async () => {
        await emulator.release();
    });

    describe("authentication", () => {
        const path = `/restful/v2${POOL}/records`;
        const authorization = { Authorization: `Bearer ${LAB_CREDENTIALS.dynadotApiKey}` };
        const sign = (requestId: string, secret = LAB_CREDENTIALS.dynadotApiSecret) =>
            restSignature(secret, {
                key: LAB_CREDENTIALS.dynadotApiKey,
                pathAndQuery: path,
                requestId,
                body: Buffer.alloc(0),
            });
        const ask = (headers: Record<string, string>) => raw(emulator.url + path, headers);
        const invalid = {
            ...refused(400, "Bad Request", "the X-Signature provided is not valid"),
            contentType: "application/json",
        };

        it("answers 200 to a request without a key, with the error as plain text", async () => {
            assert.deepEqual(await ask({}), {
                ...refused(400, "Bad Request", "The Authorization header not entered"),
                status: 200,
                contentType: "text/plain",
            });
        });

        it("answers 401 to a wrong key, and 200 to a missing signature", async () => {
            assert.deepEqual((await ask({ Authorization: "Bearer x" })).status, 401);
            assert.deepEqual(await ask(authorization), {
                ...refused(400, "Bad Request", "This command requires X-Signature"),
                status: 200,
                contentType: "application/json",
            });
        });

        it("wants the signature in base64, by the right secret", async () => {
            assert.equal((await ask({ ...authorization, "X-Signature": sign("") })).status, 200);
            const hex = Buffer.from(sign(""), "base64").toString("hex");
            assert.deepEqual(await ask({ ...authorization, "X-Signature": hex }), invalid);
            const other = sign("", "another secret");
            assert.deepEqual(await ask({ ...authorization, "X-Signature": other }), invalid);
        });

        it("sees a request id under its exact spelling only, by its switch", async () => {
            const id = randomUUID();
            const signed = { ...authorization, "X-Signature": sign(id) };
            assert.equal((await ask({ ...signed, "X-Request-ID": id })).status, 200);
            assert.deepEqual(await ask({ ...signed, "X-Request-Id": id }), invalid);
            emulator.dynadot.setSwitches({ exactRequestIdHeader: false });
            assert.equal((await ask({ ...signed, "X-Request-Id": id })).status, 200);
        });
    });

    it("shows domains and their records, in lower case, with the TTL as text", async () => {
        assert.deepEqual(await records(), dns(MAIN, SUB, "1800"));
        const [own] = emulator.dynadot.account.domains;
        assert.deepEqual(
            await rest("GET", OWN),
            success({
                domain_info: {
                    domain_name: "omantel.example",
                    expiration: own?.expiration,
                    registration: own?.registration,
                    status: "active",
                },
                glue_info: { glue_type: "PARKING" },
                locked: "no",
            }),
        );
        assert.deepEqual(
            await rest("GET", "/domains/foreign.example"),
            refused(404, "Not Found", "could not find domain in your account"),
        );
    });

    it("appends, and removes exact matches only", async () => {
        const added = {
            sub_host: "omantel",
            record_type: "ns",
            record_value1: "ns1.openova.example",
        };
        const append = { dns_sub_list: [added], add_dns_to_current_setting: true };
        assert.deepEqual(await rest("POST", `${POOL}/records`, append), success());
        assert.deepEqual(await records(), dns(MAIN, [...SUB, added], "1800"));
        const remove = (record: unknown) =>
            rest("DELETE", `${POOL}/records`, { dns_sub_list: [record] });
        const count = (sub: number) =>
            success({ main_record_removed_count: 0, sub_record_removed_count: sub });
        assert.deepEqual(await remove({ ...added, record_value2: "1" }), count(0));
        assert.deepEqual(await remove({ ...added, sub_host: "other" }), count(0));
        assert.deepEqual(await remove(added), count(1));
        assert.deepEqual(await records(), dns(MAIN, SUB, "1800"));
        assert.ok(!emulator.dynadot.requests.requests.some((r) => r.replacedAll));
    });

    it("replaces everything unless told to append", async () => {
        const main = [{ record_type: "a", record_value1: "192.0.2.1" }];
        await rest("POST", `${POOL}/records`, { dns_main_list: main });
        assert.deepEqual(await records(), dns(main, undefined, "86400"));
        assert.equal(emulator.dynadot.requests.requests[0]?.replacedAll, true);
    });

    it("ignores a list of sub records under another name, by its switch: a replacement then wipes them", async () => {
        emulator.dynadot.setSwitches({ subList: "sub_list" });
        const write = { dns_main_list: MAIN, dns_sub_list: SUB, ttl: 600 };
        await rest("POST", `${POOL}/records`, write);
        assert.deepEqual(await records(), dns(MAIN, undefined, "600"));
        await rest("POST", `${POOL}/records`, { dns_main_list: MAIN, sub_list: SUB });
        assert.deepEqual(await records(), dns(MAIN, SUB, "86400"));
        emulator.dynadot.setSwitches({ subList: "dns_sub_list" });
        await rest("POST", `${POOL}/records`, { dns_main_list: MAIN, sub_list: SUB });
        assert.deepEqual(await records(), dns(MAIN, undefined, "86400"));
    });

    it("refuses records without record_value1, and too many, with a 429 that no waiting helps", async () => {
        assert.deepEqual(
            await rest("POST", `${POOL}/records`, {
                dns_main_list: [{ record_type: "a", value1: "192.0.2.1" }],
            }),
            refused(400, "Bad Request", "if record_type is entered, record_value1 must be entered"),
        );
        const dns_sub_list = Array.from({ length: 101 }, (_, i) => ({
            sub_host: `h${i}`,
            record_type: "a",
            record_value1: "192.0.2.1",
        }));
        assert.deepEqual(
            await rest("POST", `${POOL}/records`, { dns_sub_list }),
            refused(429, "Too Many Requests", "The Dns Settings reached the upper limit."),
        );
        assert.deepEqual(await records(), dns(MAIN, SUB, "1800"));
    });

    it("registers hosts, sets name servers and DS, and takes them back", async () => {
        const host = "ns1.omantel.example";
        const data = { server_id: 5262350, server_name: host, ip_list: ["127.64.0.2"] };
        assert.deepEqual(
            await rest("PUT", `${OWN}/nameservers`, { nameserver_list: [host] }),
            refused(
                400,
                "Bad Request",
                `'${host}' needs to be registered with an ip address before it can be used.`,
            ),
        );
        const register = { nameserver: { server_name: host, ip: "127.64.0.2" } };
        assert.deepEqual(await rest("POST", "/nameservers/register", register), success(data));
        assert.deepEqual(
            await rest("POST", "/nameservers/register", register),
            refused(409, "Conflict", `'${host}' already exists`),
        );
        assert.deepEqual(await rest("GET", `/nameservers/${host}`), success(data));
        assert.deepEqual(
            await rest("POST", "/nameservers/ns1.openova.example/add_external"),
            success({ server_id: 5262351, server_name: "ns1.openova.example", ip_list: [] }),
        );
        assert.deepEqual(
            await rest("PUT", `/nameservers/${host}/set_ip`, { ip_list: ["127.64.0.3"] }),
            success({ ...data, ip_list: ["127.64.0.3"] }),
        );
        const nameserver_list = [host, "ns1.openova.example"];
        assert.deepEqual(await rest("PUT", `${OWN}/nameservers`, { nameserver_list }), success());
        assert.deepEqual(await rest("GET", `${OWN}/nameservers`), success({ nameserver_list }));
        const digest = "3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b";
        const ds = { key_tag: 3613, digest_type: "sha256", digest, algorithm: "ed25519" };
        assert.deepEqual(await rest("PUT", `${OWN}/dnssec`, ds), success());
        assert.deepEqual(
            await rest("GET", `${OWN}/dnssec`),
            success({
                dnssec_info_list: [{ key_tag: 3613, algorithm: "15", digest_type: "2", digest }],
            }),
        );
        assert.deepEqual(emulator.published.at(-1), {
            domain: "omantel.example",
            nameServers: nameserver_list,
            glue: { [host]: ["127.64.0.3"] },
            ds: [`3613 15 2 ${digest}`],
        });
        assert.deepEqual(await rest("DELETE", `${OWN}/dnssec`), success());
        assert.deepEqual(
            await rest("DELETE", `/nameservers/${host}`),
            refused(409, "Conflict", `'${host}' is in use by omantel.example`),
        );
        await emulator.api3("set_parking", { domain: "omantel.example" });
        assert.deepEqual(await rest("DELETE", `/nameservers/${host}`), success());
        assert.deepEqual(
            await rest("GET", `/nameservers/${host}`),
            refused(404, "Not Found", "could not find name server"),
        );
    });

    it("derives the DS from a key", async () => {
        const public_key = "l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=";
        await rest("PUT", `${OWN}/dnssec`, { flags: "ksk", algorithm: "15", public_key });
        const { body } = await rest("GET", `${OWN}/dnssec`);
        const { dnssec_info_list } = (body as { data: { dnssec_info_list: unknown[] } }).data;
        assert.equal(dnssec_info_list.length, 1);
    });

    it("has its code as text, by its switch", async () => {
        emulator.dynadot.setSwitches({ restCode: "string" });
        const { body } = await rest("GET", "/nameservers");
        assert.deepEqual(body, { code: "200", message: "Success", data: { nameserver_list: [] } });
    });

    it("refuses a body that is no JSON", async () => {
        const answer = await fetch(`${emulator.url}/restful/v2${OWN}/nameservers`, {
            method: "PUT",
            headers: { Authorization: `Bearer ${LAB_CREDENTIALS.dynadotApiKey}` },
            body: "{",
        });
        assert.deepEqual(
            { status: answer.status, body: await answer.json() },
            refused(400, "Bad Request", "the request body is not valid json"),
        );
    });
});
