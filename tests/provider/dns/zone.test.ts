// Proves, with the real plugin process against the real PowerDNS: zones are created signed and complete, converge on changes,
// import and refresh, and are deleted only where nobody else loses anything.
// Does not prove that resolvers validate them (the delegation's test asks one) nor other versions of PowerDNS.
import assert from "node:assert/strict";
import { isSecret, ProviderClient, unknown, type Props } from "../support/client.ts";
import { CountingProxy } from "../support/countingProxy.ts";
import { PowerDnsLab } from "../support/powerDnsLab.ts";
import { failedCall, refusal } from "../support/refusal.ts";

const ZONE_TYPE = "sovereign:dns:Zone";
const NAME = "tenant.omani.example.";
const PARENT = "omani.example.";
const OWNER = "pulumi:sovereign/test";

describe("sovereign:dns:Zone", function () {
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
        proxy = await CountingProxy.start(lab.url);
        provider = await ProviderClient.start(lab.config(proxy.url));
    });
    afterEach(async () => {
        await provider.stop();
        await proxy.stop();
        if ((await lab.zone(NAME)) !== undefined) await lab.api("DELETE", `/zones/${NAME}`);
    });

    const zone = (more: Props = {}): Props => ({
        name: NAME,
        nameServers: ["ns1.openova.example", "ns2.openova.example"],
        owner: OWNER,
        ...more,
    });

    it("creates it signed, with SOA, NS and its marks", async () => {
        const created = await provider.create(ZONE_TYPE, zone({ name: "Tenant.omani.example" }));
        assert.equal(created.id, NAME);
        const live = await lab.zone(NAME);
        assert.equal(live?.kind, "Native");
        assert.equal(live.account, OWNER);
        assert.equal(live.dnssec, true);
        assert.equal(live.soa_edit_api, "DEFAULT");
        assert.equal(live.api_rectify, true);
        assert.deepEqual(await lab.contents(NAME, NAME, "NS"), [
            "ns1.openova.example.",
            "ns2.openova.example.",
        ]);
        const [soa = ""] = (await lab.contents(NAME, NAME, "SOA")) ?? [];
        assert.match(
            soa,
            /^ns1\.openova\.example\. hostmaster\.tenant\.omani\.example\. \d{10} 10800 3600 604800 3600$/,
        );
        const keys = (await lab.api("GET", `/zones/${NAME}/cryptokeys`)) as {
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
        assert.deepEqual(await provider.refresh(ZONE_TYPE, created), created);
        assert.deepEqual((await provider.diff(ZONE_TYPE, created, zone())).detailed, {});
    });

    it("never lets a private key pass", async () => {
        const created = await provider.create(ZONE_TYPE, zone());
        assert.doesNotMatch(JSON.stringify(created), /privatekey|Private-key/i);
        assert.ok(!Object.values(created.state).some(isSecret));
        assert.equal(
            proxy.requests.filter(({ path }) => /cryptokeys\/|privatekey/.test(path)).length,
            0,
        );
    });

    it("foretells its name, so that records below it can be checked", async () => {
        const preview = await provider.previewCreate(
            ZONE_TYPE,
            zone({ name: "tenant.omani.example" }),
        );
        assert.equal(preview.name, NAME);
        assert.equal(preview.ds, unknown);
        assert.equal(await lab.zone(NAME), undefined);
    });

    it("checks names at their paths", async () => {
        const { failures } = await provider.check(
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
        const second = await provider.check(
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
        const created = await provider.create(ZONE_TYPE, zone());
        const program = zone({
            nameServers: ["ns9.openova.example", "ns1.openova.example"],
            hostmaster: "dns.team@openova.example",
            nsec: "nsec3",
        });
        const diff = await provider.diff(ZONE_TYPE, created, program);
        assert.deepEqual(diff.replaces, []);
        const updated = await provider.update(ZONE_TYPE, created, program);
        const [soa = ""] = (await lab.contents(NAME, NAME, "SOA")) ?? [];
        assert.match(soa, /^ns9\.openova\.example\. dns\\\.team\.openova\.example\. /);
        assert.equal((await lab.zone(NAME))?.nsec3param, "1 0 0 -");
        assert.deepEqual(updated.state.ds, created.state.ds);
        assert.deepEqual(await provider.refresh(ZONE_TYPE, updated), updated);
        await provider.update(ZONE_TYPE, updated, zone());
        assert.equal((await lab.zone(NAME))?.nsec3param, "");
    });

    it("raises the serial when it changes the SOA, and never lowers it", async () => {
        const created = await provider.create(ZONE_TYPE, zone());
        const serial = async () =>
            Number(((await lab.contents(NAME, NAME, "SOA"))?.[0] ?? "").split(" ")[2]);
        const first = await serial();
        const program = zone({ hostmaster: "other@openova.example" });
        await provider.update(ZONE_TYPE, created, program);
        assert.ok((await serial()) >= first, `${await serial()} is below ${first}`);
    });

    it("replaces on a change of name only", async () => {
        const created = await provider.create(ZONE_TYPE, zone());
        const diff = await provider.diff(ZONE_TYPE, created, zone({ name: "other.example" }));
        assert.ok(diff.replaces.includes("name"));
        assert.equal(diff.detailed.name, "UPDATE_REPLACE");
        const kind = await provider.diff(ZONE_TYPE, created, zone({ kind: "Primary" }));
        assert.deepEqual(kind.detailed, { kind: "UPDATE" });
        const updated = await provider.update(ZONE_TYPE, created, zone({ kind: "Primary" }));
        assert.equal((await lab.zone(NAME))?.kind, "Master");
        assert.deepEqual((await provider.refresh(ZONE_TYPE, updated))?.inputs.kind, "Primary");
    });

    describe("ownership", () => {
        it("refuses a zone that is there already, and says how to import it", async () => {
            await lab.foreignZone(NAME);
            const message =
                `the zone ${NAME} exists already at PowerDNS and is not ours: it carries no mark and has 2 record sets. Nothing was changed. ` +
                `If it may be taken over, import it: pulumi import sovereign:dns:Zone <name> ${NAME}, or set \`adopt: true\` on the resource.`;
            assert.equal(await refusal(provider.create(ZONE_TYPE, zone())), message);
            await provider.previewCreate(ZONE_TYPE, zone());
            assert.deepEqual(
                provider.messages.map((m) => m.message),
                [`this will be refused: ${message}`],
            );
            assert.equal((await lab.zone(NAME))?.dnssec, false);
        });

        it("adopts an unmarked one when told to, and never a marked one", async () => {
            await lab.foreignZone(NAME);
            await provider.create(ZONE_TYPE, zone({ adopt: true }));
            assert.equal((await lab.zone(NAME))?.account, OWNER);
            await lab.api("DELETE", `/zones/${NAME}`);
            await lab.foreignZone(NAME, { account: "sov-omantel" });
            assert.match(
                await refusal(provider.create(ZONE_TYPE, zone({ adopt: true }))),
                /it belongs to sov-omantel and has 2 record sets/,
            );
        });

        it("takes up its own after a crash", async () => {
            await provider.create(ZONE_TYPE, zone());
            const other = await ProviderClient.start(lab.config());
            try {
                const again = await other.create(ZONE_TYPE, zone());
                assert.deepEqual(await other.refresh(ZONE_TYPE, again), again);
            } finally {
                await other.stop();
            }
        });

        it("finds out what became of a creation whose answer was lost", async () => {
            proxy.loseAnswers("POST", 1);
            const created = await provider.create(ZONE_TYPE, zone());
            assert.deepEqual(await provider.refresh(ZONE_TYPE, created), created);
            assert.equal(proxy.requests.filter(({ method }) => method === "POST").length, 1);
        });

        it("keeps in the state what it could not finish", async () => {
            proxy.failWhen(
                ({ method, path }) => method === "PUT" && path.includes("/metadata/"),
                422,
                { error: "no metadata today" },
            );
            const failure = await failedCall(provider.create(ZONE_TYPE, zone()));
            assert.equal(failure.partial?.id, NAME);
            assert.match(
                failure.message,
                /^the zone tenant\.omani\.example\. was created, but is not complete: .*no metadata today/,
            );
        });

        it("imports a zone as it is", async () => {
            await lab.foreignZone(NAME, { dnssec: true });
            const imported = await provider.import(ZONE_TYPE, "tenant.omani.example");
            assert.equal(imported?.id, NAME);
            assert.equal(imported.inputs.dnssec, true);
            assert.equal((imported.state.ds as string[]).length, 1);
            const program = zone({
                nameServers: imported.inputs.nameServers,
                hostmaster: imported.inputs.hostmaster,
            });
            assert.deepEqual((await provider.diff(ZONE_TYPE, imported, program)).detailed, {});
            await provider.update(ZONE_TYPE, imported, program);
            assert.equal((await lab.zone(NAME))?.account, OWNER);
        });
    });

    describe("turning DNSSEC off", () => {
        afterEach(async () => {
            await lab.patch(
                PARENT,
                { name: NAME, type: "DS", changetype: "DELETE" },
                { name: NAME, type: "NS", changetype: "DELETE" },
            );
        });

        it("is refused while the parent publishes a DS, and done afterwards", async () => {
            const created = await provider.create(ZONE_TYPE, zone());
            const [ds = ""] = created.state.ds as string[];
            await lab.patch(PARENT, {
                name: NAME,
                type: "NS",
                changetype: "REPLACE",
                ttl: 60,
                records: [{ content: "ns1.openova.example." }],
            });
            await lab.patch(PARENT, {
                name: NAME,
                type: "DS",
                changetype: "REPLACE",
                ttl: 60,
                records: [{ content: ds }],
            });
            const program = zone({ dnssec: false });
            assert.equal(
                await refusal(provider.update(ZONE_TYPE, created, program)),
                `the parent of ${NAME} publishes DS ${ds}: without signatures the zone would fail to validate everywhere. ` +
                    "Take the DS out of the delegation first, and wait for as long as its TTL.",
            );
            assert.equal((await lab.zone(NAME))?.dnssec, true);
            await lab.patch(PARENT, { name: NAME, type: "DS", changetype: "DELETE" });
            const updated = await provider.update(ZONE_TYPE, created, program);
            assert.equal((await lab.zone(NAME))?.dnssec, false);
            assert.deepEqual(updated.state.ds, []);
            assert.deepEqual(await provider.refresh(ZONE_TYPE, updated), updated);
        });
    });

    describe("destroy", () => {
        const record = (name: string, type: string, content: string) =>
            ({
                name,
                type,
                changetype: "REPLACE",
                ttl: 60,
                records: [{ content }],
            }) as const;

        it("refuses while somebody else's records are in it", async () => {
            const created = await provider.create(ZONE_TYPE, zone());
            await lab.patch(NAME, record(`shop.${NAME}`, "A", "192.0.2.1"));
            assert.equal(
                await refusal(provider.delete(ZONE_TYPE, created)),
                `the zone ${NAME} holds 1 record sets that are not ours and would be lost with it:\n  shop.${NAME} A "192.0.2.1" (TTL 60)\n` +
                    "Nothing was changed. Remove them, or set `forceDestroy: true` on the zone, run `pulumi up`, then destroy it.",
            );
            assert.ok(await lab.zone(NAME));
            const forced = await provider.update(ZONE_TYPE, created, zone({ forceDestroy: true }));
            await provider.delete(ZONE_TYPE, forced);
            assert.equal(await lab.zone(NAME), undefined);
            await provider.delete(ZONE_TYPE, forced);
        });

        it("counts external-dns' and ACME clients' records as the Sovereign's own", async () => {
            const created = await provider.create(ZONE_TYPE, zone());
            await lab.patch(
                NAME,
                record(`app.${NAME}`, "A", "192.0.2.1"),
                record(
                    `_externaldns.a-app.${NAME}`,
                    "TXT",
                    '"heritage=external-dns,external-dns/owner=x"',
                ),
                record(`_acme-challenge.app.${NAME}`, "TXT", '"token"'),
            );
            await provider.delete(ZONE_TYPE, created);
            assert.equal(await lab.zone(NAME), undefined);
        });

        it("leaves a zone that another owner has taken over", async () => {
            const created = await provider.create(ZONE_TYPE, zone());
            await lab.api("PUT", `/zones/${NAME}/metadata/X-SOVEREIGN-OWNER`, {
                kind: "X-SOVEREIGN-OWNER",
                metadata: ["owner=pulumi:other/dev claim=abc"],
            });
            await provider.delete(ZONE_TYPE, created);
            assert.ok(await lab.zone(NAME));
            assert.deepEqual(
                provider.messages.map((m) => m.message),
                [`the zone ${NAME} belongs to pulumi:other/dev now, so it is left as it is`],
            );
        });
    });
});
