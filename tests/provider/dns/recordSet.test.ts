// Proves, with the real plugin process against the real PowerDNS: record sets are created, read, imported, changed and
// deleted; what is not ours is refused and left as it was; concurrent changes of a zone share one PATCH.
// Does not prove how other versions or backends of PowerDNS behave than the one on this machine (SQLite).
import assert from "node:assert/strict";
import { ProviderClient, unknown, type Props } from "../support/client.ts";
import { CountingProxy } from "../support/countingProxy.ts";
import { PowerDnsLab } from "../support/powerDnsLab.ts";
import { refusal } from "../support/refusal.ts";

const RECORD_SET = "sovereign:dns:RecordSet";
const ZONE = "records.example.";
const OWNER = "pulumi:sovereign/test";

describe("sovereign:dns:RecordSet", function () {
    this.timeout(60_000);
    let lab: PowerDnsLab;
    let proxy: CountingProxy;
    let provider: ProviderClient;

    before(async () => {
        lab = await PowerDnsLab.start();
    });
    after(async () => {
        await lab.stop();
    });
    beforeEach(async () => {
        await lab.foreignZone(ZONE);
        proxy = await CountingProxy.start(lab.url);
        provider = await ProviderClient.start(lab.config(proxy.url));
    });
    afterEach(async () => {
        await provider.stop();
        await proxy.stop();
        await lab.api("DELETE", `/zones/${ZONE}`);
    });

    const record = (more: Props = {}): Props => ({
        zone: ZONE,
        name: `www.${ZONE}`,
        type: "A",
        ttl: 300,
        records: ["192.0.2.1", "192.0.2.2"],
        owner: OWNER,
        ...more,
    });

    it("creates, reads back, changes and deletes", async () => {
        const created = await provider.create(RECORD_SET, record({ name: "WWW.records.example" }));
        assert.equal(created.id, "records.example./www.records.example./A");
        assert.deepEqual(await lab.contents(ZONE, `www.${ZONE}`, "A"), ["192.0.2.1", "192.0.2.2"]);
        const refreshed = await provider.refresh(RECORD_SET, created);
        assert.deepEqual(refreshed, created);
        assert.deepEqual((await provider.diff(RECORD_SET, created, record())).detailed, {});
        const reordered = record({ records: ["192.0.2.2", "192.0.2.1"] });
        assert.deepEqual((await provider.diff(RECORD_SET, created, reordered)).detailed, {});
        const program = record({ ttl: 60, records: ["192.0.2.3"] });
        const diff = await provider.diff(RECORD_SET, created, program);
        assert.deepEqual(diff.detailed, {
            "records[0]": "UPDATE",
            "records[1]": "DELETE",
            ttl: "UPDATE",
        });
        const updated = await provider.update(RECORD_SET, created, program);
        assert.deepEqual(await lab.contents(ZONE, `www.${ZONE}`, "A"), ["192.0.2.3"]);
        await provider.delete(RECORD_SET, updated);
        assert.equal(await lab.contents(ZONE, `www.${ZONE}`, "A"), undefined);
        assert.equal(await provider.refresh(RECORD_SET, updated), undefined);
        await provider.delete(RECORD_SET, updated);
    });

    it("takes TXT as plain text of any length", async () => {
        const text = `v=DKIM1; k=rsa; p=${"x".repeat(400)}; n="quoted \\ ünïcode"`;
        const program = record({ type: "txt", records: [text] });
        const created = await provider.create(RECORD_SET, program);
        const [content = ""] = (await lab.contents(ZONE, `www.${ZONE}`, "TXT")) ?? [];
        assert.match(content, /^"[^"]{255}" "x+; n=\\"quoted \\\\ \\195\\188n\\195\\175code\\""$/);
        assert.deepEqual(created.state.records, [text]);
        const imported = await provider.import(RECORD_SET, created.id);
        assert.deepEqual(imported?.inputs.records, [text]);
        assert.deepEqual((await provider.diff(RECORD_SET, imported, program)).detailed, {});
    });

    it("replaces on a change of place, and deletes first where types exclude each other", async () => {
        const created = await provider.create(RECORD_SET, record());
        const moved = await provider.diff(RECORD_SET, created, record({ name: `web.${ZONE}` }));
        assert.deepEqual(moved.detailed, { name: "UPDATE_REPLACE" });
        assert.equal(moved.deleteBeforeReplace, false);
        const swapped = await provider.diff(
            RECORD_SET,
            created,
            record({ type: "CNAME", records: ["other.example."] }),
        );
        assert.deepEqual(swapped.replaces, ["type"]);
        assert.equal(swapped.deleteBeforeReplace, true);
    });

    it("checks offline, at property paths", async () => {
        const { failures } = await provider.check(RECORD_SET, {
            ...record({ records: ["192.0.2.1", "192.0.2.256"], ttl: 2 ** 31 }),
        });
        assert.deepEqual(failures, [
            {
                property: "ttl",
                reason: "is above 2147483647 seconds, the longest TTL there is (RFC 2181, 8)",
            },
        ]);
        const second = await provider.check(
            RECORD_SET,
            record({ records: ["192.0.2.1", "192.0.2.256", unknown] }),
        );
        assert.deepEqual(second.failures, [
            {
                property: "records[1]",
                reason: '"192.0.2.256" is no IPv4 address such as 192.0.2.1',
            },
        ]);
        const outside = await provider.check(RECORD_SET, record({ name: "www.other.example" }));
        assert.deepEqual(outside.failures, [
            {
                property: "name",
                reason: "www.other.example. does not lie in the zone records.example.; expected records.example. or a name below it",
            },
        ]);
        const soa = await provider.check(
            RECORD_SET,
            record({ type: "SOA", name: ZONE, records: ["a. b. 1 2 3 4 5"] }),
        );
        assert.deepEqual(soa.failures, [
            {
                property: "type",
                reason: "SOA at records.example. itself belongs to the zone; set it on sovereign:dns:Zone",
            },
        ]);
    });

    describe("ownership", () => {
        const foreign = {
            name: `www.${ZONE}`,
            type: "A",
            changetype: "REPLACE",
            ttl: 300,
            records: [{ content: "198.51.100.1" }],
        } as const;

        it("refuses a foreign record set, names it, and leaves it as it was", async () => {
            await lab.patch(ZONE, foreign);
            const before = await lab.zone(ZONE);
            assert.equal(
                await refusal(provider.create(RECORD_SET, record())),
                `the record set www.${ZONE} A exists already and is not ours: "198.51.100.1" (TTL 300). Nothing was changed. ` +
                    `If it may be taken over, import it: pulumi import sovereign:dns:RecordSet <name> ${ZONE}/www.${ZONE}/A.`,
            );
            assert.deepEqual(await lab.zone(ZONE), before);
        });

        it("warns of it in the preview already", async () => {
            await lab.patch(ZONE, foreign);
            await provider.previewCreate(RECORD_SET, record());
            assert.equal(provider.messages.length, 1);
            assert.match(
                provider.messages[0]?.message ?? "",
                /^this will be refused: the record set www\.records\.example\. A exists already/,
            );
        });

        it("adopts an equal record set when told to, without touching the records", async () => {
            await lab.patch(ZONE, foreign);
            const program = record({ records: ["198.51.100.1"] });
            assert.match(
                await refusal(provider.create(RECORD_SET, program)),
                /or set `adopt: true` on the resource, since it is equal already\.$/,
            );
            const adopted = await provider.create(RECORD_SET, { ...program, adopt: true });
            await provider.delete(RECORD_SET, adopted);
            assert.equal(await lab.contents(ZONE, `www.${ZONE}`, "A"), undefined);
        });

        it("never adopts an unequal one, nor one with another mark", async () => {
            await lab.patch(ZONE, foreign);
            await refusal(provider.create(RECORD_SET, record({ adopt: true })));
            await lab.patch(ZONE, {
                ...foreign,
                comments: [{ content: "owner=pulumi:other/dev claim=abc", account: "sovereign" }],
            });
            assert.match(
                await refusal(
                    provider.create(RECORD_SET, record({ records: ["198.51.100.1"], adopt: true })),
                ),
                /It carries the mark of pulumi:other\/dev: remove it there first\.$/,
            );
        });

        it("tells when external-dns keeps it", async () => {
            await lab.patch(ZONE, foreign, {
                name: `_externaldns.a-www.${ZONE}`,
                type: "TXT",
                changetype: "REPLACE",
                ttl: 300,
                records: [{ content: '"heritage=external-dns,external-dns/owner=x"' }],
            });
            assert.match(
                await refusal(provider.create(RECORD_SET, record())),
                /external-dns keeps it/,
            );
        });

        it("imports a foreign record set, then keeps and deletes it as its own", async () => {
            await lab.patch(ZONE, foreign);
            const program = record({ records: ["198.51.100.1"] });
            const imported = await provider.import(RECORD_SET, `${ZONE}/www.${ZONE}/A`);
            assert.ok(imported);
            assert.deepEqual((await provider.diff(RECORD_SET, imported, program)).detailed, {});
            const updated = await provider.update(RECORD_SET, imported, { ...program, ttl: 60 });
            const zone = await lab.zone(ZONE);
            const live = zone?.rrsets.find(({ name }) => name === `www.${ZONE}`);
            assert.equal(live?.ttl, 60);
            assert.match(live.comments?.[0]?.content ?? "", /^owner=pulumi:sovereign\/test claim=/);
            await provider.delete(RECORD_SET, updated);
            assert.equal(await lab.contents(ZONE, `www.${ZONE}`, "A"), undefined);
        });

        it("refuses to overwrite or delete what somebody changed since, until it was refreshed", async () => {
            const created = await provider.create(RECORD_SET, record());
            await lab.patch(ZONE, foreign);
            const message =
                `the record set www.${ZONE} A was changed by somebody else: it now is "198.51.100.1" (TTL 300). Nothing was changed. ` +
                "Run `pulumi refresh` to take that into the state, look at the preview, then run the command again.";
            const program = record({ records: ["192.0.2.9"] });
            assert.equal(await refusal(provider.update(RECORD_SET, created, program)), message);
            assert.equal(await refusal(provider.delete(RECORD_SET, created)), message);
            const refreshed = await provider.refresh(RECORD_SET, created);
            assert.ok(refreshed);
            assert.deepEqual(
                Object.keys((await provider.diff(RECORD_SET, refreshed, record())).detailed),
                ["records[0]", "records[1]"],
            );
            await provider.update(RECORD_SET, refreshed, program);
            assert.deepEqual(await lab.contents(ZONE, `www.${ZONE}`, "A"), ["192.0.2.9"]);
        });

        it("leaves alone what another resource of the program took over", async () => {
            const created = await provider.create(RECORD_SET, record());
            const other = await ProviderClient.start(lab.config());
            try {
                const successor = await other.create(RECORD_SET, record());
                await provider.delete(RECORD_SET, created);
                assert.deepEqual(await lab.contents(ZONE, `www.${ZONE}`, "A"), [
                    "192.0.2.1",
                    "192.0.2.2",
                ]);
                assert.match(provider.messages.at(-1)?.message ?? "", /kept by another resource/);
                await other.delete(RECORD_SET, successor);
            } finally {
                await other.stop();
            }
        });

        it("keeps everybody else's comments", async () => {
            const created = await provider.create(RECORD_SET, record());
            const live = (await lab.zone(ZONE))?.rrsets.find(({ name }) => name === `www.${ZONE}`);
            const comments = [...(live?.comments ?? []), { content: "mine", account: "ann" }];
            await lab.patch(ZONE, {
                name: `www.${ZONE}`,
                type: "A",
                changetype: "REPLACE",
                comments,
            });
            await provider.update(RECORD_SET, created, record({ ttl: 60 }));
            const after = (await lab.zone(ZONE))?.rrsets.find(({ name }) => name === `www.${ZONE}`);
            assert.deepEqual(after?.comments?.map(({ account }) => account).sort(), [
                "ann",
                "sovereign",
            ]);
        });

        it("refuses names below a delegation", async () => {
            await lab.patch(ZONE, {
                ...foreign,
                name: `child.${ZONE}`,
                type: "NS",
                records: [{ content: "ns.other.example." }],
            });
            assert.equal(
                await refusal(provider.create(RECORD_SET, record({ name: `a.child.${ZONE}` }))),
                `a.child.${ZONE} A would be invisible: ${ZONE} delegates child.${ZONE} to ns.other.example.. Write it in the zone child.${ZONE} instead.`,
            );
        });
    });

    describe("batching", () => {
        it("writes what comes together in one PATCH", async () => {
            const names = Array.from({ length: 20 }, (_, i) => `host${i}.${ZONE}`);
            await Promise.all(names.map((name) => provider.create(RECORD_SET, record({ name }))));
            assert.equal((await lab.zone(ZONE))?.rrsets.length, 22);
            const patches = proxy.requests.filter(({ method }) => method === "PATCH");
            assert.ok(patches.length <= 3, `${patches.length} PATCHes for 20 record sets`);
        });

        it("writes nothing that is there already", async () => {
            const created = await provider.create(RECORD_SET, record());
            const serial = (await lab.zone(ZONE))?.serial;
            await provider.update(RECORD_SET, created, record());
            assert.equal((await lab.zone(ZONE))?.serial, serial);
        });

        it("lets a bad record fail alone, with the server's reason", async () => {
            await lab.patch(ZONE, {
                name: `taken.${ZONE}`,
                type: "A",
                changetype: "REPLACE",
                ttl: 300,
                records: [{ content: "192.0.2.1" }],
            });
            const bad = refusal(
                provider.create(
                    RECORD_SET,
                    record({ name: `taken.${ZONE}`, type: "CNAME", records: ["x.example."] }),
                ),
            );
            const good = ["a", "b", "c"].map((label) =>
                provider.create(RECORD_SET, record({ name: `${label}.${ZONE}` })),
            );
            assert.match(await bad, /Conflicts with pre-existing RRset/);
            await Promise.all(good);
            assert.deepEqual(await lab.contents(ZONE, `c.${ZONE}`, "A"), [
                "192.0.2.1",
                "192.0.2.2",
            ]);
        });

        it("lets a CNAME and an address change places in one PATCH", async () => {
            const alias = await provider.create(
                RECORD_SET,
                record({ type: "CNAME", records: ["x.example."] }),
            );
            proxy.requests.length = 0;
            await Promise.all([
                provider.create(RECORD_SET, record()),
                provider.delete(RECORD_SET, alias),
            ]);
            assert.deepEqual(await lab.contents(ZONE, `www.${ZONE}`, "A"), [
                "192.0.2.1",
                "192.0.2.2",
            ]);
        });

        it("finds out what became of a write whose answer was lost", async () => {
            proxy.loseAnswers("PATCH", 1);
            const created = await provider.create(RECORD_SET, record());
            assert.deepEqual(await provider.refresh(RECORD_SET, created), created);
            const patches = proxy.requests.filter(({ method }) => method === "PATCH");
            assert.equal(patches.length, 1);
        });

        it("tries again while the server is busy", async () => {
            proxy.failWith(500, { error: "database is locked" }, 2);
            await provider.create(RECORD_SET, record());
            assert.deepEqual(await lab.contents(ZONE, `www.${ZONE}`, "A"), [
                "192.0.2.1",
                "192.0.2.2",
            ]);
        });

        it("refuses the same record set twice in one program", async () => {
            await provider.create(RECORD_SET, record());
            assert.equal(
                await refusal(provider.create(RECORD_SET, record(), { name: "second" })),
                `${ZONE}/www.${ZONE}/A is declared twice: by urn:pulumi:test::sovereign::${RECORD_SET}::subject ` +
                    `and by urn:pulumi:test::sovereign::${RECORD_SET}::second`,
            );
        });
    });

    it("never says the API key, whatever fails", async () => {
        const key = lab.lab.context.credentials.powerdnsApiKey;
        proxy.failWith(401, { error: `bad key ${key}` }, 1);
        const message = await refusal(provider.create(RECORD_SET, record()));
        assert.match(message, /bad key \[secret\] \(HTTP 401\)/);
        assert.ok(!message.includes(key));
    });
});
