// Proves, with the real plugin process against the real PowerDNS: zones are created signed and complete, converge on changes
// and refresh without a difference.
// Does not prove that resolvers validate them (the delegations' tests ask one) nor other versions of PowerDNS.
import assert from "node:assert/strict";
import { isSecret, unknown } from "../support/client.ts";
import { NAME, OWNER, zone, ZONE_TYPE, zoneFixture } from "../support/zoneFixture.ts";

describe("sovereign:dns:Zone", function () {
    this.timeout(60_000);
    const fixture = zoneFixture();

    it("creates it signed, with SOA, NS and its marks", async () => {
        const created = await fixture.provider.create(
            ZONE_TYPE,
            zone({ name: "Tenant.omani.example" }),
        );
        assert.equal(created.id, NAME);
        const live = await fixture.lab.zone(NAME);
        assert.equal(live?.kind, "Native");
        assert.equal(live.account, OWNER);
        assert.equal(live.dnssec, true);
        assert.equal(live.soa_edit_api, "DEFAULT");
        assert.equal(live.api_rectify, true);
        assert.deepEqual(await fixture.lab.contents(NAME, NAME, "NS"), [
            "ns1.openova.example.",
            "ns2.openova.example.",
        ]);
        const [soa = ""] = (await fixture.lab.contents(NAME, NAME, "SOA")) ?? [];
        assert.match(
            soa,
            /^ns1\.openova\.example\. hostmaster\.tenant\.omani\.example\. \d{10} 10800 3600 604800 3600$/,
        );
        const keys = (await fixture.lab.api("GET", `/zones/${NAME}/cryptokeys`)) as {
            keytype: string;
            dnskey: string;
            ds: string[];
        }[];
        assert.deepEqual(
            keys.map(({ keytype }) => keytype),
            ["csk"],
        );
        assert.deepEqual(created.state.dnskeys, [keys[0]?.dnskey]);
        assert.deepEqual(created.state.ds, [keys[0]?.ds[1]]);
        assert.deepEqual(await fixture.provider.refresh(ZONE_TYPE, created), created);
        assert.deepEqual((await fixture.provider.diff(ZONE_TYPE, created, zone())).detailed, {});
    });

    it("never lets a private key pass", async () => {
        const created = await fixture.provider.create(ZONE_TYPE, zone());
        assert.doesNotMatch(JSON.stringify(created), /privatekey|Private-key/i);
        assert.ok(!Object.values(created.state).some(isSecret));
        assert.equal(
            fixture.proxy.requests.filter(({ path }) => /cryptokeys\/|privatekey/.test(path))
                .length,
            0,
        );
    });

    it("foretells its name, so that records below it can be checked", async () => {
        const preview = await fixture.provider.previewCreate(
            ZONE_TYPE,
            zone({ name: "tenant.omani.example" }),
        );
        assert.equal(preview.name, NAME);
        assert.equal(preview.ds, unknown);
        assert.equal(await fixture.lab.zone(NAME), undefined);
    });

    it("checks names at their paths", async () => {
        const { failures } = await fixture.provider.check(
            ZONE_TYPE,
            zone({
                nameServers: ["ns1.openova.example", "-bad-.example"],
                hostmaster: "nobody",
                owner: "x".repeat(41),
            }),
        );
        assert.deepEqual(failures, [
            {
                property: "owner",
                reason: "is longer than 40 characters, which PowerDNS' account field holds",
            },
        ]);
        const second = await fixture.provider.check(
            ZONE_TYPE,
            zone({ nameServers: ["ns1.openova.example", "-bad-.example"], hostmaster: "nobody" }),
        );
        assert.deepEqual(second.failures, [
            {
                property: "nameServers[1]",
                reason: '"-bad-.example" has the label "-bad-"; expected letters, digits, "-" and "_"',
            },
            { property: "hostmaster", reason: '"nobody" is no mail address' },
        ]);
    });

    it("converges name servers, hostmaster and denial of existence without replacing anything", async () => {
        const created = await fixture.provider.create(ZONE_TYPE, zone());
        const program = zone({
            nameServers: ["ns9.openova.example", "ns1.openova.example"],
            hostmaster: "dns.team@openova.example",
            nsec: "nsec3",
        });
        const diff = await fixture.provider.diff(ZONE_TYPE, created, program);
        assert.deepEqual(diff.replaces, []);
        const updated = await fixture.provider.update(ZONE_TYPE, created, program);
        const [soa = ""] = (await fixture.lab.contents(NAME, NAME, "SOA")) ?? [];
        assert.match(soa, /^ns9\.openova\.example\. dns\\\.team\.openova\.example\. /);
        assert.equal((await fixture.lab.zone(NAME))?.nsec3param, "1 0 0 -");
        assert.deepEqual(updated.state.ds, created.state.ds);
        assert.deepEqual(await fixture.provider.refresh(ZONE_TYPE, updated), updated);
        await fixture.provider.update(ZONE_TYPE, updated, zone());
        assert.equal((await fixture.lab.zone(NAME))?.nsec3param, "");
    });

    it("raises the serial when it changes the SOA, and never lowers it", async () => {
        const created = await fixture.provider.create(ZONE_TYPE, zone());
        const serial = async () =>
            Number(((await fixture.lab.contents(NAME, NAME, "SOA"))?.[0] ?? "").split(" ")[2]);
        const first = await serial();
        const program = zone({ hostmaster: "other@openova.example" });
        await fixture.provider.update(ZONE_TYPE, created, program);
        assert.ok((await serial()) >= first, `${await serial()} is below ${first}`);
    });

    it("replaces on a change of name only", async () => {
        const created = await fixture.provider.create(ZONE_TYPE, zone());
        const diff = await fixture.provider.diff(
            ZONE_TYPE,
            created,
            zone({ name: "other.example" }),
        );
        assert.ok(diff.replaces.includes("name"));
        assert.equal(diff.detailed.name, "UPDATE_REPLACE");
        const kind = await fixture.provider.diff(ZONE_TYPE, created, zone({ kind: "Primary" }));
        assert.deepEqual(kind.detailed, { kind: "UPDATE" });
        const updated = await fixture.provider.update(
            ZONE_TYPE,
            created,
            zone({ kind: "Primary" }),
        );
        assert.equal((await fixture.lab.zone(NAME))?.kind, "Master");
        assert.deepEqual(
            (await fixture.provider.refresh(ZONE_TYPE, updated))?.inputs.kind,
            "Primary",
        );
    });
});
