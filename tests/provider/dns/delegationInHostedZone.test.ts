// Proves, with the real plugin process, the real PowerDNS and the emulated Dynadot: NS and glue are appended to a zone on
// Dynadot's own DNS and removed exactly, never with a full write, and refused where anything else would be lost.
// Does not prove what the live Dynadot does: the emulator is built from its documentation and from reports.
import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { DELEGATION, delegationFixture, OWNER } from "../support/delegationFixture.ts";
import { failedCall, refusal } from "../support/refusal.ts";

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
        const mark = `owner=pulumi:sovereign/test claim=${String(created.state.claim)}`;
        const during = fixture.world.domain("omani-dynadot.example").hosted;
        assert.deepEqual(during, {
            ...before,
            sub: [
                ...before.sub,
                { subhost: "_owner-tenant", type: "txt", value: mark },
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
            assert.equal(fixture.world.domain("omani-dynadot.example").hosted.sub.length, 8);
            await fixture.provider.delete(DELEGATION, created);
            assert.equal(fixture.world.domain("omani-dynadot.example").hosted.sub.length, 3);
        });

    it("does not append twice when the answer was lost", async () => {
        await fixture.child(CHILD);
        fixture.world.dynadot.setSwitches({ duplicates: "keep" });
        fixture.world.dynadot.faults.add({ operation: "set_dns2", action: { kind: "drop-reply" } });
        const wanted = fixture.program(CHILD, "dynadot-zone", [], { parent: PARENT });
        await fixture.provider.create(DELEGATION, wanted);
        assert.equal(fixture.world.domain("omani-dynadot.example").hosted.sub.length, 8);
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
        const failure = await failedCall(fixture.provider.create(DELEGATION, wanted));
        assert.match(
            failure.message,
            /changed in more than was written; somebody else may be at work there: _acme-challenge TXT token was added\. The records as they were before are in \S+\.json\./,
        );
        const file = /are in (\S+\.json)\./.exec(failure.message)?.[1] ?? "";
        const kept = JSON.parse(await readFile(file, "utf8")) as { sub: unknown[] };
        assert.equal(kept.sub.length, 3);
        const { sub } = fixture.world.domain("omani-dynadot.example").hosted;
        assert.ok(sub.some(({ subhost }) => subhost === "_acme-challenge"));
        await rm(file);
    });

    it("keeps in the state what a failed creation has written", async () => {
        await fixture.child(CHILD);
        const before = structuredClone(fixture.world.domain("omani-dynadot.example").hosted);
        fixture.world.dynadot.faults.add({
            operation: "set_dns2",
            action: {
                kind: "foreign-write",
                domain: "omani-dynadot.example",
                sub: [{ subhost: "news", type: "a", value: "192.0.2.9" }],
            },
        });
        const wanted = fixture.program(CHILD, "dynadot-zone", [], { parent: PARENT });
        const { partial, message } = await failedCall(fixture.provider.create(DELEGATION, wanted));
        assert.ok(partial !== undefined, message);
        const { id, state } = partial;
        await fixture.provider.delete(DELEGATION, { id, state, inputs: state });
        assert.deepEqual(fixture.world.domain("omani-dynadot.example").hosted.sub, [
            ...before.sub,
            { subhost: "news", type: "a", value: "192.0.2.9" },
        ]);
    });

    describe("names in use", () => {
        const OTHERS_MARK = "owner=pulumi:sovereign/other claim=abc";
        const append = (sub: readonly { subhost: string; type: string; value: string }[]) => {
            const { account } = fixture.world.dynadot;
            const changed = structuredClone(account);
            const pool = changed.domains.find(({ name }) => name === "omani-dynadot.example");
            assert.ok(pool !== undefined);
            pool.hosted = { ...pool.hosted, sub: [...pool.hosted.sub, ...sub] };
            return fixture.world.dynadot.restore(changed);
        };
        const attempt = (domain = CHILD) =>
            fixture.program(domain, "dynadot-zone", [], { parent: PARENT, wait: false });
        const nothingWritten = () => {
            assert.ok(
                fixture.world.dynadot.requests.requests.every(({ method }) => method === "GET"),
            );
        };

        it("refuses the name of another Sovereign, even with the very same name servers", async () => {
            await append([
                { subhost: "tenant", type: "ns", value: `ns1.${CHILD.slice(0, -1)}` },
                { subhost: "_owner-tenant", type: "txt", value: OTHERS_MARK },
            ]);
            assert.equal(
                await refusal(fixture.provider.create(DELEGATION, attempt())),
                "the name tenant.omani-dynadot.example. is in use: its mark at Dynadot says pulumi:sovereign/other. Nothing was changed. Choose another name, or destroy what has this one first.",
            );
            nothingWritten();
        });

        it("says so in the preview already", async () => {
            await append([{ subhost: "_owner-tenant", type: "txt", value: OTHERS_MARK }]);
            await fixture.provider.previewCreate(DELEGATION, attempt());
            assert.match(
                fixture.provider.messages.map(({ message }) => message).join("\n"),
                /this will be refused: the name tenant\.omani-dynadot\.example\. is in use/,
            );
        });

        it("refuses a delegation without a mark, with the way to take it over", async () => {
            await append([{ subhost: "tenant", type: "ns", value: "ns1.elsewhere.test" }]);
            assert.match(
                await refusal(fixture.provider.create(DELEGATION, attempt())),
                /in the way: tenant NS ns1\.elsewhere\.test\..*pulumi import sovereign:dns:Delegation <name> dynadot-zone\/omani-dynadot\.example\.\/tenant\.omani-dynadot\.example\.$/,
            );
            nothingWritten();
        });

        it("refuses to hide somebody else's records below the name", async () => {
            await append([{ subhost: "shop.tenant", type: "a", value: "192.0.2.7" }]);
            assert.match(
                await refusal(fixture.provider.create(DELEGATION, attempt())),
                /below tenant\.omani-dynadot\.example\. that nobody could see any more: shop\.tenant A 192\.0\.2\.7/,
            );
            nothingWritten();
        });

        it("refuses a name below somebody else's delegation", async () => {
            await append([{ subhost: "tenant", type: "ns", value: "ns1.elsewhere.test" }]);
            assert.match(
                await refusal(fixture.provider.create(DELEGATION, attempt(`a.${CHILD}`))),
                /would be invisible: omani-dynadot\.example\. delegates tenant to ns1\.elsewhere\.test/,
            );
            nothingWritten();
        });

        it("refuses a zone with a record of a type that it does not know", async () => {
            await append([{ subhost: "x", type: "https", value: "1 ." }]);
            assert.match(
                await refusal(fixture.provider.create(DELEGATION, attempt())),
                /of a type that this program does not know: x HTTPS 1 \./,
            );
            nothingWritten();
        });

        it("refuses what would be more records than Dynadot holds", async () => {
            await append(
                Array.from({ length: 93 }, (_, i) => ({
                    subhost: `host${i}`,
                    type: "a",
                    value: "192.0.2.7",
                })),
            );
            assert.match(
                await refusal(fixture.provider.create(DELEGATION, attempt())),
                /would have 101 records below it; Dynadot holds at most 100\. Nothing was changed/,
            );
            nothingWritten();
        });

        it("imports a delegation, marks it on the next update, and lets go what others took over", async () => {
            await fixture.child(CHILD);
            const wanted = fixture.program(CHILD, "dynadot-zone", [], { parent: PARENT });
            const created = await fixture.provider.create(DELEGATION, wanted);
            const imported = await fixture.provider.import(
                DELEGATION,
                `dynadot-zone/${PARENT}/${CHILD}`,
            );
            assert.equal(imported?.inputs.owner, OWNER);
            assert.equal(imported.state.claim, created.state.claim);
            const stranger = { ...created, state: { ...created.state, claim: "000000000000" } };
            await fixture.provider.delete(DELEGATION, stranger);
            assert.match(
                fixture.provider.messages.at(-1)?.message ?? "",
                /kept by another resource of this program now, so it is left as it is/,
            );
            assert.equal(fixture.world.domain("omani-dynadot.example").hosted.sub.length, 8);
        });
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
        const [first, second] = fixture.provider.messages;
        assert.match(first?.message ?? "", /will not be validated/);
        assert.equal(first?.severity, "warning");
        assert.match(
            second?.message ?? "",
            /for 1800 seconds and not 3600: at Dynadot all records/,
        );
    });
});
