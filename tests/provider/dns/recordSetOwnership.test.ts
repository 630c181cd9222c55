// Proves, with the real plugin process against the real PowerDNS: what is not ours is refused by name and left as it was, and
// is taken over only by adoption or import; what somebody changed since is not overwritten.
// Does not prove ownership on backends that keep no comments.
import assert from "node:assert/strict";
import { ProviderClient } from "../support/client.ts";
import { record, RECORD_SET, recordSetFixture, ZONE } from "../support/recordSetFixture.ts";
import { refusal } from "../support/refusal.ts";

describe("the ownership of record sets", function () {
    this.timeout(60_000);
    const fixture = recordSetFixture();

    const foreign = {
        name: `www.${ZONE}`,
        type: "A",
        changetype: "REPLACE",
        ttl: 300,
        records: [{ content: "198.51.100.1" }],
    } as const;

    it("refuses a foreign record set, names it, and leaves it as it was", async () => {
        await fixture.lab.patch(ZONE, foreign);
        const before = await fixture.lab.zone(ZONE);
        assert.equal(
            await refusal(fixture.provider.create(RECORD_SET, record())),
            `the record set www.${ZONE} A exists already and is not ours: "198.51.100.1" (TTL 300). Nothing was changed. ` +
                `If it may be taken over, import it: pulumi import sovereign:dns:RecordSet <name> ${ZONE}/www.${ZONE}/A.`,
        );
        assert.deepEqual(await fixture.lab.zone(ZONE), before);
    });

    it("warns of it in the preview already", async () => {
        await fixture.lab.patch(ZONE, foreign);
        await fixture.provider.previewCreate(RECORD_SET, record());
        assert.equal(fixture.provider.messages.length, 1);
        assert.match(
            fixture.provider.messages[0]?.message ?? "",
            /^this will be refused: the record set www\.records\.example\. A exists already/,
        );
    });

    it("adopts an equal record set when told to, without touching the records", async () => {
        await fixture.lab.patch(ZONE, foreign);
        const program = record({ records: ["198.51.100.1"] });
        assert.match(
            await refusal(fixture.provider.create(RECORD_SET, program)),
            /or set `adopt: true` on the resource, since it is equal already\.$/,
        );
        const adopted = await fixture.provider.create(RECORD_SET, { ...program, adopt: true });
        await fixture.provider.delete(RECORD_SET, adopted);
        assert.equal(await fixture.lab.contents(ZONE, `www.${ZONE}`, "A"), undefined);
    });

    it("never adopts an unequal one, nor one with another mark", async () => {
        await fixture.lab.patch(ZONE, foreign);
        await refusal(fixture.provider.create(RECORD_SET, record({ adopt: true })));
        await fixture.lab.patch(ZONE, {
            ...foreign,
            comments: [{ content: "owner=pulumi:other/dev claim=abc", account: "sovereign" }],
        });
        assert.match(
            await refusal(
                fixture.provider.create(
                    RECORD_SET,
                    record({ records: ["198.51.100.1"], adopt: true }),
                ),
            ),
            /It carries the mark of pulumi:other\/dev: remove it there first\.$/,
        );
    });

    it("tells when external-dns keeps it", async () => {
        await fixture.lab.patch(ZONE, foreign, {
            name: `_externaldns.a-www.${ZONE}`,
            type: "TXT",
            changetype: "REPLACE",
            ttl: 300,
            records: [{ content: '"heritage=external-dns,external-dns/owner=x"' }],
        });
        assert.match(
            await refusal(fixture.provider.create(RECORD_SET, record())),
            /external-dns keeps it/,
        );
    });

    it("imports a foreign record set, then keeps and deletes it as its own", async () => {
        await fixture.lab.patch(ZONE, foreign);
        const program = record({ records: ["198.51.100.1"] });
        const imported = await fixture.provider.import(RECORD_SET, `${ZONE}/www.${ZONE}/A`);
        assert.ok(imported);
        assert.deepEqual((await fixture.provider.diff(RECORD_SET, imported, program)).detailed, {});
        const updated = await fixture.provider.update(RECORD_SET, imported, {
            ...program,
            ttl: 60,
        });
        const zone = await fixture.lab.zone(ZONE);
        const live = zone?.rrsets.find(({ name }) => name === `www.${ZONE}`);
        assert.equal(live?.ttl, 60);
        assert.match(live.comments?.[0]?.content ?? "", /^owner=pulumi:sovereign\/test claim=/);
        await fixture.provider.delete(RECORD_SET, updated);
        assert.equal(await fixture.lab.contents(ZONE, `www.${ZONE}`, "A"), undefined);
    });

    it("refuses to overwrite or delete what somebody changed since, until it was refreshed", async () => {
        const created = await fixture.provider.create(RECORD_SET, record());
        await fixture.lab.patch(ZONE, foreign);
        const message =
            `the record set www.${ZONE} A was changed by somebody else: it now is "198.51.100.1" (TTL 300). Nothing was changed. ` +
            "Run `pulumi refresh` to take that into the state, look at the preview, then run the command again.";
        const program = record({ records: ["192.0.2.9"] });
        assert.equal(await refusal(fixture.provider.update(RECORD_SET, created, program)), message);
        assert.equal(await refusal(fixture.provider.delete(RECORD_SET, created)), message);
        const refreshed = await fixture.provider.refresh(RECORD_SET, created);
        assert.ok(refreshed);
        assert.deepEqual(
            Object.keys((await fixture.provider.diff(RECORD_SET, refreshed, record())).detailed),
            ["records[0]", "records[1]"],
        );
        await fixture.provider.update(RECORD_SET, refreshed, program);
        assert.deepEqual(await fixture.lab.contents(ZONE, `www.${ZONE}`, "A"), ["192.0.2.9"]);
    });

    it("leaves alone what another resource of the program took over", async () => {
        const created = await fixture.provider.create(RECORD_SET, record());
        const other = await ProviderClient.start(fixture.lab.config());
        try {
            const successor = await other.create(RECORD_SET, record());
            await fixture.provider.delete(RECORD_SET, created);
            assert.deepEqual(await fixture.lab.contents(ZONE, `www.${ZONE}`, "A"), [
                "192.0.2.1",
                "192.0.2.2",
            ]);
            assert.match(
                fixture.provider.messages.at(-1)?.message ?? "",
                /kept by another resource/,
            );
            await other.delete(RECORD_SET, successor);
        } finally {
            await other.stop();
        }
    });

    it("keeps everybody else's comments", async () => {
        const created = await fixture.provider.create(RECORD_SET, record());
        const live = (await fixture.lab.zone(ZONE))?.rrsets.find(
            ({ name }) => name === `www.${ZONE}`,
        );
        const comments = [...(live?.comments ?? []), { content: "mine", account: "ann" }];
        await fixture.lab.patch(ZONE, {
            name: `www.${ZONE}`,
            type: "A",
            changetype: "REPLACE",
            comments,
        });
        await fixture.provider.update(RECORD_SET, created, record({ ttl: 60 }));
        const after = (await fixture.lab.zone(ZONE))?.rrsets.find(
            ({ name }) => name === `www.${ZONE}`,
        );
        assert.deepEqual(after?.comments?.map(({ account }) => account).sort(), [
            "ann",
            "sovereign",
        ]);
    });

    it("refuses names below a delegation", async () => {
        await fixture.lab.patch(ZONE, {
            ...foreign,
            name: `child.${ZONE}`,
            type: "NS",
            records: [{ content: "ns.other.example." }],
        });
        assert.equal(
            await refusal(fixture.provider.create(RECORD_SET, record({ name: `a.child.${ZONE}` }))),
            `a.child.${ZONE} A would be invisible: ${ZONE} delegates child.${ZONE} to ns.other.example.. Write it in the zone child.${ZONE} instead.`,
        );
    });
});
