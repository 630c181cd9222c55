// Proves, with the real plugin process against the real PowerDNS: concurrent changes of a zone share one PATCH, a bad one fails
// alone, and lost answers and busy servers neither lose nor repeat a write.
// Does not prove throughput; that is measured, not tested.
import assert from "node:assert/strict";
import { record, RECORD_SET, recordSetFixture, ZONE } from "../support/recordSetFixture.ts";
import { refusal } from "../support/refusal.ts";

describe("writes to one zone", function () {
    this.timeout(60_000);
    const fixture = recordSetFixture();

    it("writes what comes together in one PATCH", async () => {
        const names = Array.from({ length: 20 }, (_, i) => `host${i}.${ZONE}`);
        await Promise.all(
            names.map((name) => fixture.provider.create(RECORD_SET, record({ name }))),
        );
        assert.equal((await fixture.lab.zone(ZONE))?.rrsets.length, 22);
        const patches = fixture.proxy.requests.filter(({ method }) => method === "PATCH");
        assert.ok(patches.length <= 3, `${patches.length} PATCHes for 20 record sets`);
    });

    it("writes nothing that is there already", async () => {
        const created = await fixture.provider.create(RECORD_SET, record());
        const serial = (await fixture.lab.zone(ZONE))?.serial;
        await fixture.provider.update(RECORD_SET, created, record());
        assert.equal((await fixture.lab.zone(ZONE))?.serial, serial);
    });

    it("lets a bad record fail alone, with the server's reason, in three PATCHes", async () => {
        const bad = `bad.${ZONE}`;
        // What somebody else wrote between our reading and our writing.
        fixture.proxy.failWhen(
            ({ method, body }) => method === "PATCH" && body.includes(bad),
            422,
            { error: `RRset ${bad} IN A: Conflicts with pre-existing RRset` },
        );
        const refused = refusal(fixture.provider.create(RECORD_SET, record({ name: bad })));
        const names = Array.from({ length: 24 }, (_, i) => `host${i}.${ZONE}`);
        const before = (await fixture.lab.zone(ZONE))?.serial ?? 0;
        await Promise.all(
            names.map((name) => fixture.provider.create(RECORD_SET, record({ name }), { name })),
        );
        assert.match(await refused, /Conflicts with pre-existing RRset/);
        const after = await fixture.lab.zone(ZONE);
        assert.equal(after?.rrsets.length, 26);
        assert.ok(after.serial - before <= 3, `the serial rose from ${before} to ${after.serial}`);
    });

    it("lets a CNAME and an address change places in one PATCH", async () => {
        const alias = await fixture.provider.create(
            RECORD_SET,
            record({ type: "CNAME", records: ["x.example."] }),
        );
        fixture.proxy.requests.length = 0;
        await Promise.all([
            fixture.provider.create(RECORD_SET, record()),
            fixture.provider.delete(RECORD_SET, alias),
        ]);
        assert.deepEqual(await fixture.lab.contents(ZONE, `www.${ZONE}`, "A"), [
            "192.0.2.1",
            "192.0.2.2",
        ]);
    });

    it("finds out what became of a write whose answer was lost", async () => {
        fixture.proxy.loseAnswers("PATCH", 1);
        const created = await fixture.provider.create(RECORD_SET, record());
        assert.deepEqual(await fixture.provider.refresh(RECORD_SET, created), created);
        const patches = fixture.proxy.requests.filter(({ method }) => method === "PATCH");
        assert.equal(patches.length, 1);
    });

    it("tries again while the server is busy", async () => {
        fixture.proxy.failWith(500, { error: "database is locked" }, 2);
        await fixture.provider.create(RECORD_SET, record());
        assert.deepEqual(await fixture.lab.contents(ZONE, `www.${ZONE}`, "A"), [
            "192.0.2.1",
            "192.0.2.2",
        ]);
    });

    it("refuses the same record set twice in one program", async () => {
        await fixture.provider.create(RECORD_SET, record());
        await assert.rejects(fixture.provider.create(RECORD_SET, record(), { name: "second" }), {
            message:
                `check: name: ${ZONE}/www.${ZONE}/A is declared twice: by urn:pulumi:test::sovereign::${RECORD_SET}::subject ` +
                `and by urn:pulumi:test::sovereign::${RECORD_SET}::second`,
        });
    });
});
