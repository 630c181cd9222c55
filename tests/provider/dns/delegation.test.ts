// Proves, with the real plugin process, the real PowerDNS and the emulated Dynadot: delegations are checked offline, wait for
// their child and its keys, and leave alone what is external or retained.
// Does not prove what the live Dynadot does: the emulator is built from its documentation and from reports.
import assert from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import { unknown } from "../support/client.ts";
import { DELEGATION, delegationFixture, OWNER } from "../support/delegationFixture.ts";
import { failedCall, refusal } from "../support/refusal.ts";

describe("sovereign:dns:Delegation", function () {
    this.timeout(90_000);
    const fixture = delegationFixture();

    describe("check", () => {
        it("names what is missing at its path", async () => {
            const { failures } = await fixture.provider.check(DELEGATION, {
                domain: "tenant.omani.example",
                via: "powerdns",
                nameServers: [
                    { name: "ns1.tenant.omani.example" },
                    { name: "ns1.openova.example" },
                ],
                owner: OWNER,
            });
            assert.deepEqual(failures, [
                {
                    property: "parent",
                    reason: "is required where the delegation is written in a zone (via: powerdns); expected the zone above tenant.omani.example.",
                },
                {
                    property: "nameServers[0].addresses",
                    reason: "ns1.tenant.omani.example. lies in the delegated zone itself, so the parent must hold its address; expected at least one",
                },
            ]);
        });

        it("takes what is not known yet", async () => {
            const { failures, inputs } = await fixture.provider.check(
                DELEGATION,
                fixture.program("omantel.example", "dynadot-registrar", [unknown]),
            );
            assert.deepEqual(failures, []);
            assert.deepEqual(inputs.ds, [unknown]);
        });

        it("refuses a DS that is none", async () => {
            const { failures } = await fixture.provider.check(
                DELEGATION,
                fixture.program("omantel.example", "dynadot-registrar", ["1 13 2 abcd"]),
            );
            assert.deepEqual(failures, [
                {
                    property: "ds[0]",
                    reason: 'the digest of "1 13 2 abcd" has 4 hexadecimal digits; digest type 2 has 64',
                },
            ]);
        });
    });

    it("waits until the child answers on every server, and says for what", async () => {
        const ds = `1 13 2 ${"ab".repeat(32)}`;
        const creating = failedCall(
            fixture.provider.create(
                DELEGATION,
                fixture.program("omantel.example", "dynadot-registrar", [ds]),
                {
                    timeoutSeconds: 20,
                },
            ),
        );
        await eventually("a status message", () => {
            const [first] = fixture.provider.messages;
            assert.match(
                first?.message ?? "",
                /waiting for the child zone omantel\.example\. to answer/,
            );
            assert.equal(first?.ephemeral, true);
        });
        await fixture.provider.cancel();
        await creating;
        assert.equal(fixture.world.domain("omantel.example").mode, "parking");
    });

    it("does not publish a DS whose key nobody serves", async () => {
        await fixture.child("omantel.example.");
        const wrong = `1 13 2 ${"ab".repeat(32)}`;
        const message = await refusal(
            fixture.provider.create(
                DELEGATION,
                fixture.program("omantel.example.", "dynadot-registrar", [wrong]),
                {
                    timeoutSeconds: 1,
                },
            ),
        );
        assert.match(message, /does not serve the key of DS 1 13 2 abab|timeout/i);
        assert.equal(fixture.world.domain("omantel.example").mode, "parking");
    });

    describe("via external", () => {
        it("writes nothing and waits until the parent delegates", async () => {
            const domain = "tenant.omani.example.";
            const ds = await fixture.child(domain);
            const creating = fixture.provider.create(
                DELEGATION,
                fixture.program(domain, "external", ds),
            );
            await eventually("the wait", () => {
                assert.match(fixture.provider.messages[0]?.message ?? "", /it lacks DS \d+ 13 2 /);
            });
            const record = (name: string, type: string, contents: readonly string[]) =>
                ({
                    name,
                    type,
                    changetype: "REPLACE",
                    ttl: 60,
                    records: contents.map((content) => ({ content })),
                }) as const;
            await fixture.world.powerDns.patch(
                "omani.example.",
                record(domain, "NS", [`ns1.${domain}`, `ns2.${domain}`]),
                record(domain, "DS", ds),
            );
            const created = await creating;
            await fixture.provider.delete(DELEGATION, created);
            assert.ok(await fixture.world.powerDns.contents("omani.example.", domain, "NS"));
        });
    });

    it("leaves a retained delegation on destroy", async () => {
        const domain = "tenant.omani.example.";
        const ds = await fixture.child(domain);
        const wanted = fixture.program(domain, "powerdns", ds, {
            parent: "omani.example",
            retain: true,
        });
        const created = await fixture.provider.create(DELEGATION, wanted);
        await fixture.provider.delete(DELEGATION, created);
        assert.ok(await fixture.world.powerDns.contents("omani.example.", domain, "NS"));
    });
});
