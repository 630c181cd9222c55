// Proves, as plain logic and with the real plugin process against the real PowerDNS, validated by delv at every step: a signing key is
// rolled over by naming its successor beside it, then alone; each step is refused, in the preview already, before parent and caches
// have followed; a lost answer makes no key more.
// Does not prove the waiting itself: the state is made older instead.
import assert from "node:assert/strict";
import { Refusal } from "../../../provider/dns/recordSetDecisions.ts";
import {
    keyChanges,
    namedKeys,
    refuseTooEarly,
    remembered,
    type SigningKey,
} from "../../../provider/dns/zone/signingKeys.ts";
import { delv } from "../../lab/powerdns/nameServerPair.ts";
import type { Props, Resource } from "../support/client.ts";
import { refusal } from "../support/refusal.ts";
import { NAME, PARENT, zone, ZONE_TYPE, zoneFixture } from "../support/zoneFixture.ts";

describe("the keys of a zone, as plain logic", () => {
    const ds = (tag: number) => `${tag} 13 2 ${"ab".repeat(32)}`;
    const live = (id: number, active = true) => ({
        id,
        active,
        published: true,
        keytype: "csk",
        flags: 257,
        dnskey: "257 3 13 AQID",
        ds: [`${id} 13 1 ${"cd".repeat(20)}`, ds(id)],
    });
    const key = (name: string, tag: number, since: string, vouchedSince: string): SigningKey => ({
        name,
        ds: ds(tag),
        since,
        vouchedSince,
    });
    const now = new Date("2026-11-24T12:00:00Z");
    const around = { published: [ds(1), ds(2)], publishedTtl: 3600, zoneTtl: 7200, now };
    const retiring = [{ id: 1, name: "old", ds: ds(1) }];
    const attempt = (staying: readonly SigningKey[], more = {}) => {
        try {
            refuseTooEarly("a.example.", staying, retiring, { ...around, ...more });
            return "";
        } catch (error) {
            assert.ok(error instanceof Refusal);
            return error.message;
        }
    };

    it("have the names of the state, then the free ones of the program, then their tags", () => {
        const known = [key("old", 2, "", "")];
        assert.deepEqual(
            namedKeys([live(3), live(2), live(1, false), live(4)], known, ["old", "new"]).map(
                ({ id, name }) => `${id} ${name}`,
            ),
            ["2 old", "3 new", "4 key4"],
        );
    });

    it("never change all at once", () => {
        const [old] = namedKeys([live(1)], [], ["old"]);
        assert.ok(old);
        assert.deepEqual(keyChanges("a.example.", [old], ["old", "new"]), {
            add: ["new"],
            retire: [],
        });
        assert.throws(() => keyChanges("a.example.", [old], ["new"]), {
            message:
                'the keys of a.example. would change from ["old"] to ["new"] at once, and nobody could validate the zone ' +
                'until caches and the parent follow. Set signingKeys to ["old", "new"] first.',
        });
    });

    it("go only when one that stays has signed, and been vouched for, for long enough", () => {
        const long = "2026-11-24T09:00:00Z";
        assert.equal(attempt([key("new", 2, long, long)]), "");
        assert.match(
            attempt([key("new", 2, "2026-11-24T11:00:00Z", long)]),
            /caches may know nothing of the key "new" until 2026-11-24T13:00:00\.000Z\. Nothing was changed\.$/,
        );
        assert.match(
            attempt([key("new", 2, long, "2026-11-24T11:30:00Z")]),
            /until 2026-11-24T12:30:00\.000Z/,
        );
        assert.match(attempt([key("new", 2, long, "")]), /run `pulumi refresh` now/);
        assert.match(
            attempt([key("new", 2, long, long)], { published: [ds(1)] }),
            /the parent does not publish DS 2 13 2 (?:ab)+ of the key "new"/,
        );
        assert.equal(attempt([key("new", 2, "2026-11-24T11:59:00Z", "")], { published: [] }), "");
    });

    it("are remembered with when they began and since when the parent vouches for them", () => {
        const keys = namedKeys([live(1), live(2)], [], ["old", "new"]);
        const first = remembered(keys, [], [ds(1)], now);
        const at = now.toISOString();
        assert.deepEqual(first, [key("old", 1, at, at), key("new", 2, at, "")]);
        const later = new Date("2026-11-25T12:00:00Z");
        assert.deepEqual(remembered(keys, first, [ds(1), ds(2)], later), [
            key("old", 1, at, at),
            key("new", 2, at, later.toISOString()),
        ]);
        assert.equal(remembered(keys, first, [ds(2)], later)[0]?.vouchedSince, "");
    });
});

describe("a key's roll-over", function () {
    this.timeout(60_000);
    const fixture = zoneFixture();

    afterEach(async () => {
        await fixture.lab.patch(
            PARENT,
            { name: NAME, type: "DS", changetype: "DELETE" },
            { name: NAME, type: "NS", changetype: "DELETE" },
        );
    });

    /** What a delegation would write at the parent. */
    async function publish(made: Resource): Promise<void> {
        const set = (type: string, contents: readonly string[]) => ({
            name: NAME,
            type,
            changetype: "REPLACE" as const,
            ttl: 60,
            records: contents.map((content) => ({ content })),
        });
        const ds = made.state.ds as string[];
        await fixture.lab.patch(PARENT, set("NS", ["ns1.openova.example."]), set("DS", ds));
    }

    async function assertValid(): Promise<void> {
        const { powerDns, lab } = fixture.lab;
        const said = await delv(lab.context.addresses, powerDns.trustAnchorFile, NAME, "SOA");
        assert.match(said, /^; fully validated$/m);
    }

    const liveKeys = async () =>
        ((await fixture.lab.api("GET", `/zones/${NAME}/cryptokeys`)) as { id: number }[]).length;

    /** The same resource, were two days gone by. */
    function older(made: Resource): Resource {
        const past = new Date(Date.now() - 2 * 86_400_000).toISOString();
        const keys = (made.state.keys as Props[]).map((key) => ({
            ...key,
            since: past,
            vouchedSince: key.vouchedSince === "" ? "" : past,
        }));
        return { ...made, state: { ...made.state, keys } };
    }

    it("adds the successor, keeps both, and retires the old one when nobody needs it", async () => {
        const both = zone({ signingKeys: ["1", "2026-11"] });
        const after = zone({ signingKeys: ["2026-11"] });
        const { provider } = fixture;
        const created = await provider.create(ZONE_TYPE, zone());
        await publish(created);
        await assertValid();
        assert.match(
            await refusal(provider.previewUpdate(ZONE_TYPE, created, after)),
            /^the keys of tenant\.omani\.example\. would change from \["1"\] to \["2026-11"\] at once/,
        );

        fixture.proxy.loseAnswers("POST", 1);
        const doubled = await provider.update(ZONE_TYPE, created, both);
        assert.equal(await liveKeys(), 2);
        assert.equal((doubled.state.ds as string[]).length, 2);
        assert.ok((doubled.state.ds as string[]).includes((created.state.ds as string[])[0] ?? ""));
        assert.deepEqual((await provider.diff(ZONE_TYPE, doubled, both)).detailed, {});
        await assertValid();
        assert.match(
            await refusal(provider.previewUpdate(ZONE_TYPE, older(doubled), after)),
            /^too early to retire the key \["1"\] of tenant\.omani\.example\.: the parent does not publish DS /,
        );

        await publish(doubled);
        await assertValid();
        assert.match(
            await refusal(provider.previewUpdate(ZONE_TYPE, doubled, after)),
            /run `pulumi refresh` now, and this 60 seconds later/,
        );
        const seen = await provider.refresh(ZONE_TYPE, doubled);
        assert.ok(seen);
        assert.match(
            await refusal(provider.previewUpdate(ZONE_TYPE, seen, after)),
            /caches may know nothing of the key "2026-11" until 20/,
        );
        assert.match(await refusal(provider.update(ZONE_TYPE, seen, after)), /^too early/);
        assert.equal(await liveKeys(), 2);

        await provider.previewUpdate(ZONE_TYPE, older(seen), after);
        const rolled = await provider.update(ZONE_TYPE, older(seen), after);
        assert.equal(await liveKeys(), 1);
        assert.deepEqual(
            (rolled.state.keys as Props[]).map(({ name }) => name),
            ["2026-11"],
        );
        assert.notDeepEqual(rolled.state.ds, created.state.ds);
        await assertValid();
        await publish(rolled);
        await assertValid();
        assert.deepEqual(await provider.refresh(ZONE_TYPE, rolled), rolled);
        assert.doesNotMatch(JSON.stringify([doubled, rolled]), /privatekey|Private-key/i);
    });

    it("shows a key that somebody added, and takes it away only where that is safe", async () => {
        const created = await fixture.provider.create(ZONE_TYPE, zone());
        const path = `/zones/${NAME}/cryptokeys`;
        const body = { keytype: "csk", active: true, published: true, algorithm: 13, bits: 256 };
        await fixture.lab.api("POST", path, body);
        const refreshed = await fixture.provider.refresh(ZONE_TYPE, created);
        assert.ok(refreshed);
        const { detailed } = await fixture.provider.diff(ZONE_TYPE, refreshed, zone());
        assert.deepEqual(detailed, { "signingKeys[1]": "DELETE" });
        const updated = await fixture.provider.update(ZONE_TYPE, refreshed, zone());
        assert.deepEqual(updated.state.ds, created.state.ds);
        assert.equal(await liveKeys(), 1);
    });
});
