// Proves, with the real plugin process against the real PowerDNS: a name's type changes in one transaction, whichever resources
// declare the old and the new one, never at the cost of what is not ours, and never for a program that declares both.
// Does not prove the engine's order of calls (the tests with the real engine do).
import assert from "node:assert/strict";
import { ProviderClient } from "../support/client.ts";
import { record, RECORD_SET, recordSetFixture, ZONE } from "../support/recordSetFixture.ts";
import { refusal } from "../support/refusal.ts";

describe("a record set that changes its type", function () {
    this.timeout(60_000);
    const fixture = recordSetFixture();
    const www = `www.${ZONE}`;
    const alias = (more = {}) => record({ type: "CNAME", records: ["other.example."], ...more });

    const patches = () =>
        fixture.proxy.requests
            .filter(({ method }) => method === "PATCH")
            .map(({ body }) =>
                (JSON.parse(body) as { rrsets: { changetype: string; type: string }[] }).rrsets.map(
                    ({ changetype, type }) => `${changetype} ${type}`,
                ),
            );

    it("makes way in the same PATCH, and its deletion afterwards finds nothing to do", async () => {
        const before = await fixture.provider.create(RECORD_SET, alias());
        fixture.proxy.requests.length = 0;
        await fixture.provider.diff(RECORD_SET, before, record());
        await fixture.provider.create(RECORD_SET, record());
        await fixture.provider.delete(RECORD_SET, before);
        assert.deepEqual(patches(), [["DELETE CNAME", "REPLACE A"]]);
        assert.deepEqual(await fixture.lab.contents(ZONE, www, "A"), ["192.0.2.1", "192.0.2.2"]);
    });

    it("turns several types at one name into a CNAME at once", async () => {
        const text = record({ type: "TXT", records: ["v=spf1 -all"] });
        const a = await fixture.provider.create(RECORD_SET, record(), { name: "a" });
        const txt = await fixture.provider.create(RECORD_SET, text, { name: "txt" });
        fixture.proxy.requests.length = 0;
        // The program of the next run declares neither of them any more.
        const next = await ProviderClient.start(fixture.lab.config(fixture.proxy.url));
        try {
            await next.create(RECORD_SET, alias(), { name: "alias" });
            await next.delete(RECORD_SET, a);
            await next.delete(RECORD_SET, txt);
        } finally {
            await next.stop();
        }
        const [first = [], ...others] = patches();
        assert.deepEqual(others, []);
        assert.deepEqual(first.slice(0, 2).sort(), ["DELETE A", "DELETE TXT"]);
        assert.deepEqual(first.slice(2), ["REPLACE CNAME"]);
    });

    it("never displaces what is not ours, and names it", async () => {
        await fixture.lab.patch(ZONE, {
            name: www,
            type: "CNAME",
            changetype: "REPLACE",
            ttl: 300,
            records: [{ content: "theirs.example." }],
        });
        const before = await fixture.lab.zone(ZONE);
        const message =
            `${www} A cannot stand beside the record set ${www} CNAME, which is not ours: "theirs.example." (TTL 300) ` +
            "(a CNAME stands alone, RFC 2181, 10.1). Nothing was changed. " +
            `If it may be taken over, import it: pulumi import sovereign:dns:RecordSet <name> ${ZONE}/${www}/CNAME.`;
        assert.equal(await refusal(fixture.provider.create(RECORD_SET, record())), message);
        await fixture.provider.previewCreate(RECORD_SET, record());
        assert.deepEqual(
            fixture.provider.messages.map((m) => m.message),
            [`this will be refused: ${message}`],
        );
        assert.deepEqual(await fixture.lab.zone(ZONE), before);
        assert.deepEqual(patches(), []);
    });

    it("recognises its former self where the backend keeps no marks", async () => {
        // As PowerDNS 4.7 answers with an LMDB backend.
        fixture.proxy.failWhen(
            ({ method, body }) => method === "PATCH" && body.includes('"comments"'),
            422,
            { error: "Hosting backend does not support editing comments." },
        );
        const before = await fixture.provider.create(RECORD_SET, alias());
        await fixture.provider.diff(RECORD_SET, before, record());
        const after = await fixture.provider.create(RECORD_SET, record());
        await fixture.provider.delete(RECORD_SET, before);
        assert.deepEqual(await fixture.lab.contents(ZONE, www, "A"), ["192.0.2.1", "192.0.2.2"]);
        assert.deepEqual(await fixture.provider.refresh(RECORD_SET, after), after);
        const changed = await fixture.provider.update(RECORD_SET, after, record({ ttl: 60 }));
        await fixture.provider.delete(RECORD_SET, changed);
        assert.equal(await fixture.lab.contents(ZONE, www, "A"), undefined);
    });

    it("is refused offline where the program declares both", async () => {
        await fixture.provider.check(RECORD_SET, alias(), {}, "alias");
        const { failures } = await fixture.provider.check(RECORD_SET, record(), {}, "address");
        assert.deepEqual(failures, [
            {
                property: "name",
                reason:
                    `${ZONE}/${www}/A is declared by urn:pulumi:test::sovereign::${RECORD_SET}::address, and ${ZONE}/${www}/CNAME ` +
                    `by urn:pulumi:test::sovereign::${RECORD_SET}::alias: a CNAME stands alone at its name (RFC 2181, 10.1). Keep one of the two`,
            },
        ]);
        const twice = await fixture.provider.check(RECORD_SET, alias(), {}, "second");
        assert.match(
            twice.failures[0]?.reason ?? "",
            /\/CNAME is declared twice: by .*::alias and by .*::second$/,
        );
    });

    it("refuses names below a DNAME", async () => {
        await fixture.lab.patch(ZONE, {
            name: `old.${ZONE}`,
            type: "DNAME",
            changetype: "REPLACE",
            ttl: 300,
            records: [{ content: "new.example." }],
        });
        assert.equal(
            await refusal(fixture.provider.create(RECORD_SET, record({ name: `a.old.${ZONE}` }))),
            `a.old.${ZONE} A would be invisible: the DNAME at old.${ZONE} redirects everything below it to new.example. (RFC 6672, 2.4). Write it there instead.`,
        );
    });
});
