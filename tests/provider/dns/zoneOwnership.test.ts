// Proves, with the real plugin process against the real PowerDNS: zones that are not ours are refused, adopted or imported only
// on demand, and a destroy or an unsigning happens only where nobody loses anything by it.
// Does not prove what caches between a resolver and the parent still hold.
import assert from "node:assert/strict";
import { ProviderClient } from "../support/client.ts";
import { failedCall, refusal } from "../support/refusal.ts";
import { NAME, OWNER, PARENT, zone, ZONE_TYPE, zoneFixture } from "../support/zoneFixture.ts";

describe("the ownership of zones", function () {
    this.timeout(60_000);
    const fixture = zoneFixture();

    it("refuses a zone that is there already, and says how to import it", async () => {
        await fixture.lab.foreignZone(NAME);
        const message =
            `the zone ${NAME} exists already at PowerDNS and is not ours: it carries no mark and has 2 record sets. Nothing was changed. ` +
            `If it may be taken over, import it: pulumi import sovereign:dns:Zone <name> ${NAME}, or set \`adopt: true\` on the resource.`;
        assert.equal(await refusal(fixture.provider.create(ZONE_TYPE, zone())), message);
        await fixture.provider.previewCreate(ZONE_TYPE, zone());
        assert.deepEqual(
            fixture.provider.messages.map((m) => m.message),
            [`this will be refused: ${message}`],
        );
        assert.equal((await fixture.lab.zone(NAME))?.dnssec, false);
    });

    it("adopts an unmarked one when told to, and never a marked one", async () => {
        await fixture.lab.foreignZone(NAME);
        await fixture.provider.create(ZONE_TYPE, zone({ adopt: true }));
        assert.equal((await fixture.lab.zone(NAME))?.account, OWNER);
        await fixture.lab.api("DELETE", `/zones/${NAME}`);
        await fixture.lab.foreignZone(NAME, { account: "sov-omantel" });
        assert.match(
            await refusal(fixture.provider.create(ZONE_TYPE, zone({ adopt: true }))),
            /it belongs to sov-omantel and has 2 record sets/,
        );
    });

    it("takes up its own after a crash", async () => {
        await fixture.provider.create(ZONE_TYPE, zone());
        const other = await ProviderClient.start(fixture.lab.config());
        try {
            const again = await other.create(ZONE_TYPE, zone());
            assert.deepEqual(await other.refresh(ZONE_TYPE, again), again);
        } finally {
            await other.stop();
        }
    });

    it("finds out what became of a creation whose answer was lost", async () => {
        fixture.proxy.loseAnswers("POST", 1);
        const created = await fixture.provider.create(ZONE_TYPE, zone());
        assert.deepEqual(await fixture.provider.refresh(ZONE_TYPE, created), created);
        assert.equal(fixture.proxy.requests.filter(({ method }) => method === "POST").length, 1);
    });

    it("keeps in the state what it could not finish", async () => {
        fixture.proxy.failWhen(
            ({ method, path }) => method === "PUT" && path.includes("/metadata/"),
            422,
            { error: "no metadata today" },
        );
        const failure = await failedCall(fixture.provider.create(ZONE_TYPE, zone()));
        assert.equal(failure.partial?.id, NAME);
        assert.match(
            failure.message,
            /^the zone tenant\.omani\.example\. was created, but is not complete: .*no metadata today/,
        );
    });

    it("imports a zone as it is", async () => {
        await fixture.lab.foreignZone(NAME, { dnssec: true });
        const imported = await fixture.provider.import(ZONE_TYPE, "tenant.omani.example");
        assert.equal(imported?.id, NAME);
        assert.equal(imported.inputs.dnssec, true);
        assert.equal((imported.state.ds as string[]).length, 1);
        const program = zone({
            nameServers: imported.inputs.nameServers,
            hostmaster: imported.inputs.hostmaster,
        });
        assert.deepEqual((await fixture.provider.diff(ZONE_TYPE, imported, program)).detailed, {});
        await fixture.provider.update(ZONE_TYPE, imported, program);
        assert.equal((await fixture.lab.zone(NAME))?.account, OWNER);
    });

    describe("turning DNSSEC off", () => {
        afterEach(async () => {
            await fixture.lab.patch(
                PARENT,
                { name: NAME, type: "DS", changetype: "DELETE" },
                { name: NAME, type: "NS", changetype: "DELETE" },
            );
        });

        it("is refused while the parent publishes a DS, and done afterwards", async () => {
            const created = await fixture.provider.create(ZONE_TYPE, zone());
            const [ds = ""] = created.state.ds as string[];
            await fixture.lab.patch(PARENT, {
                name: NAME,
                type: "NS",
                changetype: "REPLACE",
                ttl: 60,
                records: [{ content: "ns1.openova.example." }],
            });
            await fixture.lab.patch(PARENT, {
                name: NAME,
                type: "DS",
                changetype: "REPLACE",
                ttl: 60,
                records: [{ content: ds }],
            });
            const program = zone({ dnssec: false });
            assert.equal(
                await refusal(fixture.provider.update(ZONE_TYPE, created, program)),
                `the parent of ${NAME} publishes DS ${ds}: without signatures the zone would fail to validate everywhere. ` +
                    "Take the DS out of the delegation first, and wait for as long as its TTL.",
            );
            assert.equal((await fixture.lab.zone(NAME))?.dnssec, true);
            await fixture.lab.patch(PARENT, { name: NAME, type: "DS", changetype: "DELETE" });
            const updated = await fixture.provider.update(ZONE_TYPE, created, program);
            assert.equal((await fixture.lab.zone(NAME))?.dnssec, false);
            assert.deepEqual(updated.state.ds, []);
            assert.deepEqual(await fixture.provider.refresh(ZONE_TYPE, updated), updated);
        });
    });

    describe("destroy", () => {
        afterEach(async () => {
            await fixture.lab.patch(
                PARENT,
                { name: NAME, type: "DS", changetype: "DELETE" },
                { name: NAME, type: "NS", changetype: "DELETE" },
            );
        });

        const record = (name: string, type: string, content: string) =>
            ({
                name,
                type,
                changetype: "REPLACE",
                ttl: 60,
                records: [{ content }],
            }) as const;

        it("refuses while somebody else's records are in it", async () => {
            const created = await fixture.provider.create(ZONE_TYPE, zone());
            await fixture.lab.patch(NAME, record(`shop.${NAME}`, "A", "192.0.2.1"));
            assert.equal(
                await refusal(fixture.provider.delete(ZONE_TYPE, created)),
                `the zone ${NAME} holds 1 record sets that are not ours and would be lost with it:\n  shop.${NAME} A "192.0.2.1" (TTL 60)\n` +
                    "Nothing was changed. Remove them, or set `forceDestroy: true` on the zone, run `pulumi up`, then destroy it.",
            );
            assert.ok(await fixture.lab.zone(NAME));
            const forced = await fixture.provider.update(
                ZONE_TYPE,
                created,
                zone({ forceDestroy: true }),
            );
            await fixture.provider.delete(ZONE_TYPE, forced);
            assert.equal(await fixture.lab.zone(NAME), undefined);
            await fixture.provider.delete(ZONE_TYPE, forced);
        });

        it("refuses while the parent delegates to it or vouches for its keys, unless told to go ahead", async () => {
            const created = await fixture.provider.create(ZONE_TYPE, zone());
            const [ds = ""] = created.state.ds as string[];
            await fixture.lab.patch(
                PARENT,
                record(NAME, "NS", "ns1.openova.example."),
                record(NAME, "DS", ds),
            );
            const wayOut =
                "Nothing was changed. Withdraw it there first, or set `forceDestroy: true` on the zone, run `pulumi up`, then destroy it.";
            assert.equal(
                await refusal(fixture.provider.delete(ZONE_TYPE, created)),
                `the parent of ${NAME} delegates it to ns1.openova.example., and the parent of ${NAME} publishes DS ${ds}. ${wayOut}`,
            );
            await fixture.lab.patch(PARENT, { name: NAME, type: "NS", changetype: "DELETE" });
            assert.equal(
                await refusal(fixture.provider.delete(ZONE_TYPE, created)),
                `the parent of ${NAME} publishes DS ${ds}. ${wayOut}`,
            );
            assert.ok(await fixture.lab.zone(NAME));
            // Delegated to others, so that nobody is led here any more.
            await fixture.lab.patch(PARENT, record(NAME, "NS", "ns.other.example."));
            await fixture.provider.delete(ZONE_TYPE, created);
            assert.equal(await fixture.lab.zone(NAME), undefined);
            await fixture.lab.patch(PARENT, record(NAME, "NS", "ns1.openova.example."));
            const again = await fixture.provider.create(ZONE_TYPE, zone({ forceDestroy: true }));
            await fixture.provider.delete(ZONE_TYPE, again);
            assert.equal(await fixture.lab.zone(NAME), undefined);
        });

        it("refuses where it cannot tell whether it is delegated", async () => {
            const lonely = "lonely.test.";
            const config = { ...fixture.lab.config(fixture.proxy.url), resolver: "127.0.0.1:1" };
            const provider = await ProviderClient.start(config);
            try {
                const created = await provider.create(ZONE_TYPE, zone({ name: lonely }));
                assert.match(
                    await refusal(provider.delete(ZONE_TYPE, created)),
                    /^cannot tell whether lonely\.test\. is still delegated: 127\.0\.0\.1:1 does not answer for /,
                );
                assert.ok(await fixture.lab.zone(lonely));
            } finally {
                await provider.stop();
                await fixture.lab.api("DELETE", `/zones/${lonely}`);
            }
        });

        it("counts external-dns' and ACME clients' records as the Sovereign's own", async () => {
            const created = await fixture.provider.create(ZONE_TYPE, zone());
            await fixture.lab.patch(
                NAME,
                record(`app.${NAME}`, "A", "192.0.2.1"),
                record(
                    `_externaldns.a-app.${NAME}`,
                    "TXT",
                    '"heritage=external-dns,external-dns/owner=x"',
                ),
                record(`_acme-challenge.app.${NAME}`, "TXT", '"token"'),
            );
            await fixture.provider.delete(ZONE_TYPE, created);
            assert.equal(await fixture.lab.zone(NAME), undefined);
        });

        it("leaves a zone that another owner has taken over", async () => {
            const created = await fixture.provider.create(ZONE_TYPE, zone());
            await fixture.lab.api("PUT", `/zones/${NAME}/metadata/X-SOVEREIGN-OWNER`, {
                kind: "X-SOVEREIGN-OWNER",
                metadata: ["owner=pulumi:other/dev claim=abc"],
            });
            await fixture.provider.delete(ZONE_TYPE, created);
            assert.ok(await fixture.lab.zone(NAME));
            assert.deepEqual(
                fixture.provider.messages.map((m) => m.message),
                [`the zone ${NAME} belongs to pulumi:other/dev now, so it is left as it is`],
            );
        });
    });
});
