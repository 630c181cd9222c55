// Proves, with the real plugin process against the real PowerDNS: record sets are checked offline, created, read, imported,
// changed and deleted, and no key is ever said.
// Does not prove how other versions or backends of PowerDNS behave than the one on this machine (SQLite).
import assert from "node:assert/strict";
import { unknown } from "../support/client.ts";
import { record, RECORD_SET, recordSetFixture, ZONE } from "../support/recordSetFixture.ts";
import { refusal } from "../support/refusal.ts";

describe("sovereign:dns:RecordSet", function () {
    this.timeout(60_000);
    const fixture = recordSetFixture();

    it("creates, reads back, changes and deletes", async () => {
        const created = await fixture.provider.create(
            RECORD_SET,
            record({ name: "WWW.records.example" }),
        );
        assert.equal(created.id, "records.example./www.records.example./A");
        assert.deepEqual(await fixture.lab.contents(ZONE, `www.${ZONE}`, "A"), [
            "192.0.2.1",
            "192.0.2.2",
        ]);
        const refreshed = await fixture.provider.refresh(RECORD_SET, created);
        assert.deepEqual(refreshed, created);
        assert.deepEqual((await fixture.provider.diff(RECORD_SET, created, record())).detailed, {});
        const reordered = record({ records: ["192.0.2.2", "192.0.2.1"] });
        assert.deepEqual(
            (await fixture.provider.diff(RECORD_SET, created, reordered)).detailed,
            {},
        );
        const program = record({ ttl: 60, records: ["192.0.2.3"] });
        const diff = await fixture.provider.diff(RECORD_SET, created, program);
        assert.deepEqual(diff.detailed, {
            "records[0]": "UPDATE",
            "records[1]": "DELETE",
            ttl: "UPDATE",
        });
        const updated = await fixture.provider.update(RECORD_SET, created, program);
        assert.deepEqual(await fixture.lab.contents(ZONE, `www.${ZONE}`, "A"), ["192.0.2.3"]);
        await fixture.provider.delete(RECORD_SET, updated);
        assert.equal(await fixture.lab.contents(ZONE, `www.${ZONE}`, "A"), undefined);
        assert.equal(await fixture.provider.refresh(RECORD_SET, updated), undefined);
        await fixture.provider.delete(RECORD_SET, updated);
    });

    it("takes TXT as plain text of any length", async () => {
        const text = `v=DKIM1; k=rsa; p=${"x".repeat(400)}; n="quoted \\ ünïcode"`;
        const program = record({ type: "txt", records: [text] });
        const created = await fixture.provider.create(RECORD_SET, program);
        const [content = ""] = (await fixture.lab.contents(ZONE, `www.${ZONE}`, "TXT")) ?? [];
        assert.match(content, /^"[^"]{255}" "x+; n=\\"quoted \\\\ \\195\\188n\\195\\175code\\""$/);
        assert.deepEqual(created.state.records, [text]);
        const imported = await fixture.provider.import(RECORD_SET, created.id);
        assert.deepEqual(imported?.inputs.records, [text]);
        assert.deepEqual((await fixture.provider.diff(RECORD_SET, imported, program)).detailed, {});
    });

    it("replaces on a change of place or type, the new one first", async () => {
        const created = await fixture.provider.create(RECORD_SET, record());
        const moved = await fixture.provider.diff(
            RECORD_SET,
            created,
            record({ name: `web.${ZONE}` }),
        );
        assert.deepEqual(moved.detailed, { name: "UPDATE_REPLACE" });
        assert.equal(moved.deleteBeforeReplace, false);
        const swapped = await fixture.provider.diff(
            RECORD_SET,
            created,
            record({ type: "CNAME", records: ["other.example."] }),
        );
        assert.deepEqual(swapped.replaces, ["type"]);
        assert.equal(swapped.deleteBeforeReplace, false);
    });

    it("checks offline, at property paths", async () => {
        const { failures } = await fixture.provider.check(RECORD_SET, {
            ...record({ records: ["192.0.2.1", "192.0.2.256"], ttl: 2 ** 31 }),
        });
        assert.deepEqual(failures, [
            {
                property: "ttl",
                reason: "is above 2147483647 seconds, the longest TTL there is (RFC 2181, 8)",
            },
        ]);
        const second = await fixture.provider.check(
            RECORD_SET,
            record({ records: ["192.0.2.1", "192.0.2.256", unknown] }),
        );
        assert.deepEqual(second.failures, [
            {
                property: "records[1]",
                reason: '"192.0.2.256" is no IPv4 address such as 192.0.2.1',
            },
        ]);
        const outside = await fixture.provider.check(
            RECORD_SET,
            record({ name: "www.other.example" }),
        );
        assert.deepEqual(outside.failures, [
            {
                property: "name",
                reason: "www.other.example. does not lie in the zone records.example.; expected records.example. or a name below it",
            },
        ]);
        for (const [type, content, reason] of [
            [
                "SOA",
                "a. b. 1 2 3 4 5",
                "SOA at records.example. itself belongs to the zone; set it on sovereign:dns:Zone",
            ],
            [
                "CNAME",
                "www.example",
                "a CNAME cannot stand at records.example. itself, beside SOA and NS (RFC 2181, 10.1); expected ALIAS, A or AAAA",
            ],
            [
                "DS",
                `1 13 2 ${"ab".repeat(32)}`,
                "the DS of records.example. belongs to its parent zone; set it with sovereign:dns:Delegation",
            ],
        ] as const) {
            const apex = await fixture.provider.check(
                RECORD_SET,
                record({ type, name: ZONE, records: [content] }),
            );
            assert.deepEqual(apex.failures, [{ property: "type", reason }]);
        }
    });

    it("never says the API key, whatever fails", async () => {
        const key = fixture.lab.lab.context.credentials.powerdnsApiKey;
        fixture.proxy.failWith(401, { error: `bad key ${key}` }, 1);
        const message = await refusal(fixture.provider.create(RECORD_SET, record()));
        assert.match(message, /bad key \[secret\] \(HTTP 401\)/);
        assert.ok(!message.includes(key));
    });
});
