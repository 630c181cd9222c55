// Proves, with the real plugin process against the real PowerDNS: a delegation is written into its parent zone in one PATCH,
// validates from the top-level zone's key down, and is changed and taken back exactly.
// Does not prove delegations between servers of different operators.
import assert from "node:assert/strict";
import { DELEGATION, delegationFixture } from "../support/delegationFixture.ts";
import { refusal } from "../support/refusal.ts";

describe("delegations in a zone at PowerDNS", function () {
    this.timeout(90_000);
    const fixture = delegationFixture();

    const CHILD = "tenant.omani.example.";
    const PARENT = "omani.example.";

    it("writes NS, glue and DS in one PATCH, validates, and takes exactly them back", async () => {
        const ds = await fixture.child(CHILD);
        const before = await fixture.world.powerDns.zone(PARENT);
        const wanted = fixture.program(CHILD, "powerdns", ds, { parent: "omani.example" });
        const created = await fixture.provider.create(DELEGATION, wanted);
        assert.equal(created.id, CHILD);
        assert.deepEqual(await fixture.world.powerDns.contents(PARENT, CHILD, "DS"), ds);
        assert.deepEqual(await fixture.world.powerDns.contents(PARENT, `ns2.${CHILD}`, "A"), [
            fixture.world.servers[1],
        ]);
        assert.equal(
            (await fixture.world.powerDns.zone(PARENT))?.serial,
            (before?.serial ?? 0) + 1,
        );
        await fixture.validates(`ns1.${CHILD}`);
        assert.deepEqual(await fixture.provider.refresh(DELEGATION, created), created);
        await fixture.provider.delete(DELEGATION, created);
        assert.deepEqual(
            (await fixture.world.powerDns.zone(PARENT))?.rrsets.filter(({ name }) =>
                name.endsWith(CHILD),
            ),
            [],
        );
        assert.equal(await fixture.provider.refresh(DELEGATION, created), undefined);
    });

    it("changes servers and DS in place", async () => {
        const ds = await fixture.child(CHILD);
        const wanted = fixture.program(CHILD, "powerdns", ds, { parent: PARENT });
        const created = await fixture.provider.create(DELEGATION, wanted);
        const changed = {
            ...wanted,
            nameServers: [{ name: `ns1.${CHILD}`, addresses: [fixture.world.servers[0]] }],
            ds: [],
        };
        const diff = await fixture.provider.diff(DELEGATION, created, changed);
        assert.deepEqual(diff.detailed, { "nameServers[1]": "DELETE", "ds[0]": "DELETE" });
        await fixture.provider.update(DELEGATION, created, changed);
        assert.equal(await fixture.world.powerDns.contents(PARENT, CHILD, "DS"), undefined);
        assert.equal(await fixture.world.powerDns.contents(PARENT, `ns2.${CHILD}`, "A"), undefined);
        assert.deepEqual(await fixture.world.powerDns.contents(PARENT, CHILD, "NS"), [
            `ns1.${CHILD}`,
        ]);
    });

    it("refuses a delegation of somebody else, and imports it", async () => {
        const ds = await fixture.child(CHILD);
        await fixture.world.powerDns.patch(PARENT, {
            name: CHILD,
            type: "NS",
            changetype: "REPLACE",
            ttl: 60,
            records: [{ content: "ns.elsewhere.example." }],
        });
        const wanted = fixture.program(CHILD, "powerdns", ds, { parent: PARENT });
        assert.match(
            await refusal(fixture.provider.create(DELEGATION, wanted)),
            /the record set tenant\.omani\.example\. NS exists already and is not ours: "ns\.elsewhere\.example\."/,
        );
        assert.equal(await fixture.world.powerDns.contents(PARENT, CHILD, "DS"), undefined);
        const imported = await fixture.provider.import(DELEGATION, `powerdns/${PARENT}/${CHILD}`);
        assert.equal(imported?.id, CHILD);
        assert.deepEqual(imported.inputs.nameServers, [
            { name: "ns.elsewhere.example.", addresses: [] },
        ]);
    });
});
