// Proves, with the real plugin process, the real PowerDNS and the emulated Dynadot: NS and glue are appended to a zone on
// Dynadot's own DNS and removed exactly, never with a full write, and refused where anything else would be lost.
// Does not prove what the live Dynadot does: the emulator is built from its documentation and from reports.
import assert from "node:assert/strict";
import { DELEGATION, delegationFixture } from "../support/delegationFixture.ts";
import { refusal } from "../support/refusal.ts";

describe("delegations in a zone that Dynadot hosts", function () {
    this.timeout(90_000);
    const fixture = delegationFixture();

    const CHILD = "tenant.omani-dynadot.example.";
    const PARENT = "omani-dynadot.example.";

    it("appends NS and glue, leaves everything else, and removes exactly them", async () => {
        await fixture.child(CHILD);
        const before = structuredClone(fixture.world.domain("omani-dynadot.example").hosted);
        const wanted = fixture.program(CHILD, "dynadot-zone", [], { parent: PARENT });
        const created = await fixture.provider.create(DELEGATION, wanted);
        const [first, second] = fixture.world.servers;
        const during = fixture.world.domain("omani-dynadot.example").hosted;
        assert.deepEqual(during, {
            ...before,
            sub: [
                ...before.sub,
                { subhost: "tenant", type: "ns", value: "ns1.tenant.omani-dynadot.example" },
                { subhost: "ns1.tenant", type: "a", value: first },
                { subhost: "tenant", type: "ns", value: "ns2.tenant.omani-dynadot.example" },
                { subhost: "ns2.tenant", type: "a", value: second },
            ],
        });
        assert.ok(
            fixture.world.dynadot.requests.requests.every(
                ({ replacedAll }) => replacedAll !== true,
            ),
        );
        assert.deepEqual(await fixture.provider.refresh(DELEGATION, created), created);
        await fixture.provider.delete(DELEGATION, created);
        assert.deepEqual(fixture.world.domain("omani-dynadot.example").hosted, before);
    });

    for (const subList of ["dns_sub_list", "sub_list"] as const)
        it(`finds the name that the API has for the list of records: ${subList}`, async () => {
            await fixture.child(CHILD);
            fixture.world.dynadot.setSwitches({ subList });
            const wanted = fixture.program(CHILD, "dynadot-zone", [], { parent: PARENT });
            const created = await fixture.provider.create(DELEGATION, wanted);
            assert.equal(fixture.world.domain("omani-dynadot.example").hosted.sub.length, 7);
            await fixture.provider.delete(DELEGATION, created);
            assert.equal(fixture.world.domain("omani-dynadot.example").hosted.sub.length, 3);
        });

    it("does not append twice when the answer was lost", async () => {
        await fixture.child(CHILD);
        fixture.world.dynadot.setSwitches({ duplicates: "keep" });
        fixture.world.dynadot.faults.add({ operation: "set_dns2", action: { kind: "drop-reply" } });
        const wanted = fixture.program(CHILD, "dynadot-zone", [], { parent: PARENT });
        await fixture.provider.create(DELEGATION, wanted);
        assert.equal(fixture.world.domain("omani-dynadot.example").hosted.sub.length, 7);
    });

    it("tells of a foreign write in between, and loses nothing of it", async () => {
        await fixture.child(CHILD);
        fixture.world.dynadot.faults.add({
            operation: "set_dns2",
            action: {
                kind: "foreign-write",
                domain: "omani-dynadot.example",
                sub: [{ subhost: "_acme-challenge", type: "txt", value: "token" }],
            },
        });
        const wanted = fixture.program(CHILD, "dynadot-zone", [], { parent: PARENT });
        assert.match(
            await refusal(fixture.provider.create(DELEGATION, wanted)),
            /changed in more than was written; somebody else may be at work there/,
        );
        const { sub } = fixture.world.domain("omani-dynadot.example").hosted;
        assert.ok(sub.some(({ subhost }) => subhost === "_acme-challenge"));
    });

    it("refuses a domain that is not on Dynadot's own DNS", async () => {
        const wanted = fixture.program("a.omantel.example.", "dynadot-zone", [], {
            parent: "omantel.example",
            wait: false,
        });
        assert.match(
            await refusal(fixture.provider.create(DELEGATION, wanted)),
            /^omantel\.example\. is not on Dynadot's own DNS \(it says PARKING\)/,
        );
        assert.equal(fixture.world.domain("omantel.example").mode, "parking");
    });

    it("refuses names that somebody else uses", async () => {
        const wanted = fixture.program("shop.omani-dynadot.example.", "dynadot-zone", [], {
            parent: PARENT,
            wait: false,
        });
        assert.match(
            await refusal(fixture.provider.create(DELEGATION, wanted)),
            /has records at Dynadot that are not ours and in the way: shop FORWARD/,
        );
    });

    it("warns in the preview that there can be no DS", async () => {
        const ds = `1 13 2 ${"ab".repeat(32)}`;
        const wanted = fixture.program(CHILD, "dynadot-zone", [ds], { parent: PARENT });
        await fixture.provider.previewCreate(DELEGATION, wanted);
        assert.match(fixture.provider.messages[0]?.message ?? "", /will not be validated/);
        assert.equal(fixture.provider.messages[0]?.severity, "warning");
    });
});
