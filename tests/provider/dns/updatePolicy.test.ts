// Proves, with the real plugin process, the real PowerDNS and real dynamic updates (nsupdate): a zone with a policy takes updates that its
// key signed and no others, its key changes no other zone, and a policy that somebody else made stays.
// Does not prove how a server is configured that takes no updates; that is played by a proxy.
import assert from "node:assert/strict";
import type { Props } from "../support/client.ts";
import { dynamicUpdate, type UpdateKey } from "../support/dynamicUpdate.ts";
import { refusal } from "../support/refusal.ts";
import { NAME, OWNER, zone, ZONE_TYPE, zoneFixture } from "../support/zoneFixture.ts";

const TYPE = "sovereign:dns:UpdatePolicy";
const MAIN = "main.omani.example.";
const ISSUER: UpdateKey = {
    name: "issuer.tenant.omani.example",
    secret: Buffer.alloc(32, 3).toString("base64"),
};
const OTHER: UpdateKey = { name: "other.example", secret: Buffer.alloc(32, 4).toString("base64") };

const program = (more: Props = {}): Props => ({
    zone: NAME,
    tsigKeys: [ISSUER.name],
    sources: ["127.0.0.0/8"],
    owner: OWNER,
    ...more,
});

describe("sovereign:dns:UpdatePolicy", function () {
    this.timeout(60_000);
    const fixture = zoneFixture();

    before(async () => {
        for (const { name, secret: key } of [ISSUER, OTHER])
            await fixture.lab.api("POST", "/tsigkeys", { name, algorithm: "hmac-sha256", key });
        await fixture.lab.foreignZone(MAIN);
    });
    beforeEach(async () => {
        await fixture.provider.create(ZONE_TYPE, zone());
    });

    const update = (record: string, key?: UpdateKey, at = NAME) =>
        dynamicUpdate(fixture.lab.lab.context, at, record, key);
    const metadata = async (kind: string) =>
        ((await fixture.lab.api("GET", `/zones/${NAME}/metadata/${kind}`)) as Props).metadata;

    it("lets its key change the zone, and nobody and nothing else", async () => {
        const challenge = `_acme-challenge.${NAME} 60 TXT proof`;
        assert.equal(await update(challenge, ISSUER), "REFUSED");
        await fixture.provider.create(TYPE, program());
        assert.equal(await update(challenge, ISSUER), "accepted");
        assert.deepEqual(await fixture.lab.contents(NAME, `_acme-challenge.${NAME}`, "TXT"), [
            '"proof"',
        ]);
        assert.deepEqual(
            {
                unsigned: await update(challenge),
                anotherKey: await update(challenge, OTHER),
                anotherSecret: await update(challenge, { ...ISSUER, secret: OTHER.secret }),
                anotherZone: await update(`x.${MAIN} 60 TXT proof`, ISSUER, MAIN),
                anotherZoneUnsigned: await update(`x.${MAIN} 60 TXT proof`, undefined, MAIN),
                nameOutsideTheZone: await update(`x.${MAIN} 60 TXT proof`, ISSUER),
            },
            {
                unsigned: "REFUSED",
                anotherKey: "REFUSED",
                anotherSecret: "REFUSED",
                anotherZone: "REFUSED",
                anotherZoneUnsigned: "REFUSED",
                nameOutsideTheZone: "NOTZONE",
            },
        );
        assert.equal(await fixture.lab.contents(MAIN, `x.${MAIN}`, "TXT"), undefined);
    });

    it("takes updates from its sources alone", async () => {
        await fixture.provider.create(TYPE, program({ sources: ["192.0.2.0/24"] }));
        assert.equal(await update(`a.${NAME} 60 TXT proof`, ISSUER), "REFUSED");
    });

    it("needs nothing more once made, changes in place, and leaves nothing behind", async () => {
        const made = await fixture.provider.create(TYPE, program());
        assert.deepEqual(await fixture.provider.refresh(TYPE, made), made);
        const same = program({ zone: NAME.slice(0, -1) });
        assert.deepEqual((await fixture.provider.diff(TYPE, made, same)).detailed, {});
        const next = program({ tsigKeys: [OTHER.name], sources: ["127.0.0.1/32", "192.0.2.0/24"] });
        assert.deepEqual((await fixture.provider.diff(TYPE, made, next)).replaces, []);
        const changed = await fixture.provider.update(TYPE, made, next);
        assert.equal(await update(`a.${NAME} 60 TXT proof`, ISSUER), "REFUSED");
        assert.equal(await update(`a.${NAME} 60 TXT proof`, OTHER), "accepted");
        await fixture.provider.delete(TYPE, changed);
        assert.deepEqual(
            [await metadata("TSIG-ALLOW-DNSUPDATE"), await metadata("ALLOW-DNSUPDATE-FROM")],
            [[], []],
        );
        assert.equal(await update(`b.${NAME} 60 TXT proof`, OTHER), "REFUSED");
        assert.equal(await fixture.provider.refresh(TYPE, changed), undefined);
        await fixture.provider.delete(TYPE, changed);
    });

    it("is never open without a key on its way, not even when it breaks off", async () => {
        fixture.proxy.failWhen(
            ({ method, path }) => method === "PUT" && path.endsWith("/ALLOW-DNSUPDATE-FROM"),
            422,
            { error: "not today" },
        );
        assert.match(await refusal(fixture.provider.create(TYPE, program())), /not written whole/);
        assert.deepEqual(
            [await metadata("TSIG-ALLOW-DNSUPDATE"), await metadata("ALLOW-DNSUPDATE-FROM")],
            [[ISSUER.name], []],
        );
    });

    it("refuses a zone that is not ours or not there, and a policy of somebody else", async () => {
        assert.match(
            await refusal(fixture.provider.create(TYPE, program({ zone: MAIN }))),
            /the zone main\.omani\.example\. exists already at PowerDNS and is not ours/,
        );
        assert.match(
            await refusal(fixture.provider.create(TYPE, program({ zone: "nowhere.example" }))),
            /^there is no zone nowhere\.example\. at PowerDNS that anybody could be allowed to change/,
        );
        await fixture.lab.api("PUT", `/zones/${NAME}/metadata/TSIG-ALLOW-DNSUPDATE`, {
            kind: "TSIG-ALLOW-DNSUPDATE",
            metadata: [OTHER.name],
        });
        const message = await refusal(fixture.provider.create(TYPE, program()));
        assert.match(
            message,
            /may be changed by other\.example\. from nowhere already, which is not ours\. Nothing was changed\./,
        );
        await fixture.provider.previewCreate(TYPE, program());
        assert.equal(fixture.provider.messages.at(-1)?.message, `this will be refused: ${message}`);
        const imported = await fixture.provider.import(TYPE, NAME);
        assert.deepEqual(imported?.inputs.tsigKeys, ["other.example."]);
        await fixture.provider.update(TYPE, imported, program());
        assert.equal(await update(`a.${NAME} 60 TXT proof`, ISSUER), "accepted");
    });

    it("leaves a policy that somebody else has changed, and overwrites it only after a refresh", async () => {
        const made = await fixture.provider.create(TYPE, program());
        await fixture.lab.api("PUT", `/zones/${NAME}/metadata/TSIG-ALLOW-DNSUPDATE`, {
            kind: "TSIG-ALLOW-DNSUPDATE",
            metadata: [OTHER.name],
        });
        const next = program({ sources: ["127.0.0.1/32"] });
        assert.match(await refusal(fixture.provider.update(TYPE, made, next)), /pulumi refresh/);
        await fixture.provider.delete(TYPE, made);
        assert.match(fixture.provider.messages.at(-1)?.message ?? "", /is left as it is/);
        const seen = await fixture.provider.refresh(TYPE, made);
        assert.ok(seen);
        await fixture.provider.update(TYPE, seen, next);
        assert.deepEqual(await metadata("TSIG-ALLOW-DNSUPDATE"), [ISSUER.name]);
    });

    it("says what a server lacks that takes no updates, and warns of one that takes them without a key", async () => {
        const settings = (dnsupdate: string, ranges: string) => [
            { type: "ConfigSetting", name: "dnsupdate", value: dnsupdate },
            { type: "ConfigSetting", name: "allow-dnsupdate-from", value: ranges },
        ];
        fixture.proxy.failWhen(({ path }) => path.endsWith("/config"), 200, settings("no", ""));
        assert.equal(
            await refusal(fixture.provider.create(TYPE, program())),
            "this PowerDNS takes no dynamic updates (RFC 2136). Set in its pdns.conf: dnsupdate=yes, and allow-dnsupdate-from= (empty, so that " +
                "only zones with a policy of their own can be changed); restart it, then run the command again.",
        );
        fixture.proxy.failWhen(
            ({ path }) => path.endsWith("/config"),
            200,
            settings("yes", "127.0.0.0/8, ::1"),
        );
        await fixture.provider.create(TYPE, program());
        assert.match(
            fixture.provider.messages.at(-1)?.message ?? "",
            /^this PowerDNS takes dynamic updates from 127\.0\.0\.0\/8, ::1 for every zone/,
        );
    });

    it("is checked offline", async () => {
        const { failures } = await fixture.provider.check(
            TYPE,
            program({ tsigKeys: [], sources: ["everywhere"] }),
        );
        assert.deepEqual(
            failures.map(({ property }) => property),
            ["tsigKeys", "sources[0]"],
        );
    });
});
