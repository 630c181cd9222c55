// Proves on a real pdns_server, asked with dig and delv: the lab's world is there, signed and delegated; PTR records and
// delegations are published and withdrawn. Does not prove anything about the resolvers of the outside world.
import assert from "node:assert/strict";
import { join } from "node:path";
import { PowerDns } from "../../../lab/powerdns/powerDns.ts";
import { PowerDnsApi } from "../../../lab/powerdns/powerDnsApi.ts";
import { delegationSigner } from "../../../lab/powerdns/seed.ts";
import { claimTestLab } from "../../support/labContext.ts";
import type { TestLab } from "../../support/labContext.ts";
import { delv, dig, digAll } from "./nameServerPair.ts";

describe("PowerDns", function () {
    this.timeout(60_000);
    let lab: TestLab;
    let powerDns: PowerDns;
    let api: PowerDnsApi;

    before(async () => {
        lab = await claimTestLab();
        powerDns = new PowerDns(lab.context);
        await powerDns.start();
        const { addresses, credentials } = lab.context;
        api = new PowerDnsApi(addresses.powerdnsApi, credentials.powerdnsApiKey);
    });

    after(async () => {
        await powerDns.stop();
        await lab.release();
    });

    const check = (name: string, type: string) =>
        delv(lab.context.addresses, powerDns.trustAnchorFile, name, type);

    it("reports itself ready, with its process, zones and trust anchor", () => {
        const { addresses } = lab.context;
        const status = powerDns.status();
        assert.equal(status.state, "ready");
        assert.equal(status.url, `http://${addresses.powerdnsApi.host}:8081`);
        assert.deepEqual(
            status.processes.map(({ name, log }) => ({ name, log })),
            [{ name: "pdns_server", log: join(lab.context.directory, "powerdns/pdns.log") }],
        );
        assert.deepEqual(status.details, {
            nameServers: addresses.nameServers.map((a) => `${a}:${addresses.dnsPort}`),
            zones: [
                "example.",
                "openova.example.",
                "omani.example.",
                "dyna-ns.example.",
                "mailbox.example.",
                `${64 + addresses.instance}.127.in-addr.arpa.`,
                "8.b.d.0.1.0.0.2.ip6.arpa.",
            ],
            trustAnchor: { zone: "example.", dnskey: powerDns.trustAnchor },
            trustAnchorFile: powerDns.trustAnchorFile,
        });
        assert.match(powerDns.trustAnchor, /^257 3 13 [A-Za-z0-9+/]{86}==$/);
    });

    it("answers for the operator's name servers at both addresses", async () => {
        const { addresses } = lab.context;
        const [first, second] = addresses.nameServers;
        for (const server of addresses.nameServers) {
            assert.deepEqual(await dig(addresses, "ns1.openova.example", "A", server), [first]);
            assert.deepEqual(await dig(addresses, "ns2.openova.example", "A", server), [second]);
            assert.deepEqual(await dig(addresses, "omani.example", "NS", server), [
                "ns1.openova.example.",
                "ns2.openova.example.",
            ]);
        }
    });

    it("has a chain of trust from the top-level zone to the pool zone", async () => {
        assert.match(await check("omani.example", "SOA"), /^; fully validated$/m);
        assert.match(await check("ns1.openova.example", "A"), /^; fully validated$/m);
        const { addresses } = lab.context;
        const published = await dig(addresses, "omani.example", "DS");
        const { records } = delegationSigner(
            "omani.example.",
            60,
            await api.keys("omani.example."),
        );
        assert.deepEqual(
            published.map((ds) => ds.toLowerCase().replace(/(\S{56}) (\S+)$/, "$1$2")),
            records,
        );
    });

    it("sets, replaces and removes PTR records of both families, many at once", async () => {
        const { addresses } = lab.context;
        const ips = Array.from({ length: 40 }, (_, i) => `${addresses.prefix}.1.${i + 1}`);
        const { reverseDns } = powerDns;
        await Promise.all([
            ...ips.map((ip, i) => reverseDns.set(ip, `host${i}.omantel.example`)),
            reverseDns.set("2001:db8:17::5", "Mail.Omantel.Example."),
        ]);
        const ptr = (ip: string) => dig(addresses, ip, "PTR");
        const reverse = (ip: string) => `${ip.split(".").reverse().join(".")}.in-addr.arpa`;
        for (const [i, ip] of ips.entries())
            assert.deepEqual(await ptr(reverse(ip)), [`host${i}.omantel.example.`]);
        const v6 = `5.${"0.".repeat(19)}7.1.0.0.8.b.d.0.1.0.0.2.ip6.arpa`;
        assert.deepEqual(await ptr(v6), ["mail.omantel.example."]);

        const [one = ""] = ips;
        await Promise.all([
            reverseDns.set(one, "first.example"),
            reverseDns.set(one, "second.example"),
        ]);
        assert.deepEqual(await ptr(reverse(one)), ["second.example."]);
        await Promise.all([...ips, "2001:db8:17::5"].map((ip) => reverseDns.set(ip, null)));
        assert.deepEqual(await ptr(reverse(one)), []);
        assert.deepEqual(await powerDns.listBeyondWorld(), { zones: [], recordSets: [] });
    });

    it("refuses the PTR of an address that is not the lab's", async () => {
        const { prefix } = lab.context.addresses;
        await assert.rejects(
            powerDns.reverseDns.set("192.0.2.1", "x.example"),
            new Error(
                `192.0.2.1 has no reverse zone in this lab: its zones are ${prefix.split(".").reverse().join(".")}.in-addr.arpa., 8.b.d.0.1.0.0.2.ip6.arpa.`,
            ),
        );
    });

    it("publishes a delegation with glue and DS that validates, and withdraws it", async () => {
        const { addresses } = lab.context;
        const [first, second] = addresses.nameServers;
        const zone = "omantel.example.";
        const nameServers = [`ns1.${zone}`, `ns2.${zone}`];
        const soa = {
            name: zone,
            type: "SOA",
            ttl: 60,
            records: [`ns1.${zone} hostmaster.${zone} 1 10800 3600 604800 60`],
        };
        await api.createZone({ name: zone, nameServers, dnssec: true, account: "test", soa });
        await api.change(zone, [
            { name: `mail.${zone}`, type: "A", ttl: 60, records: ["192.0.2.7"] },
        ]);
        const { records: ds } = delegationSigner(zone, 60, await api.keys(zone));
        const delegation = {
            domain: "omantel.example",
            nameServers: ["NS1.omantel.example", "ns2.omantel.example."],
            glue: {
                "ns1.omantel.example": [first, "2001:db8::1"],
                "ns2.omantel.example": [second],
            },
        };
        await powerDns.registry.publish({ ...delegation, ds: [] });
        assert.match(await check(`mail.${zone}`, "A"), /^; unsigned answer$/m);
        await powerDns.registry.publish({ ...delegation, ds });
        assert.match(await check(`mail.${zone}`, "A"), /^; fully validated$/m);
        assert.match(await check(`none.${zone}`, "A"), /^; negative response, fully validated$/m);
        assert.deepEqual(await powerDns.listBeyondWorld(), {
            zones: [zone],
            recordSets: [
                `${zone} DS`,
                `${zone} NS`,
                `ns1.${zone} A`,
                `ns1.${zone} AAAA`,
                `ns2.${zone} A`,
            ].sort(),
        });

        const serial = await dig(addresses, "example", "SOA");
        await powerDns.registry.publish({ ...delegation, ds });
        assert.deepEqual(
            await dig(addresses, "example", "SOA"),
            serial,
            "an equal one was written",
        );

        await api.deleteZone(zone);
        assert.match(await digAll(addresses, zone, "A"), /ADDITIONAL: 4[\s\S]*AUTHORITY SECTION/);
        await powerDns.registry.publish({
            domain: "omantel.example",
            nameServers: [],
            glue: {},
            ds: [],
        });
        assert.match(await digAll(addresses, zone, "A"), /status: NXDOMAIN/);
        assert.deepEqual(await powerDns.listBeyondWorld(), { zones: [], recordSets: [] });
    });

    it("serves zones of the registrar's own DNS, and leaves other people's alone", async () => {
        const { addresses } = lab.context;
        const { hostedZones } = powerDns;
        const domain = "hosted.example";
        const set = (type: string, ...records: string[]) => ({
            name: `www.${domain}`,
            type,
            ttl: 60,
            records,
        });
        await hostedZones.serve(domain, [set("A", "192.0.2.1", "192.0.2.2")]);
        assert.deepEqual(await dig(addresses, `www.${domain}`, "A"), ["192.0.2.1", "192.0.2.2"]);
        assert.deepEqual(await dig(addresses, domain, "NS"), [...hostedZones.nameServers]);
        await hostedZones.serve(domain, [set("CNAME", "omani.example.")]);
        assert.deepEqual(await dig(addresses, `www.${domain}`, "CNAME"), ["omani.example."]);
        assert.deepEqual(await powerDns.listBeyondWorld(), { zones: [], recordSets: [] });
        await hostedZones.serve(domain, null);
        assert.deepEqual(await dig(addresses, domain, "SOA"), []);

        const before = await powerDns.listZones();
        await hostedZones.serve("omani.example", [set("A", "192.0.2.1")]);
        await hostedZones.serve("omani.example", null);
        assert.deepEqual(await powerDns.listZones(), before);
    });

    const refused = [
        {
            delegation: {
                domain: "a.omani.example",
                nameServers: ["ns1.x.example"],
                glue: {},
                ds: [],
            },
            why: "refuses a.omani.example.: it registers names directly below example. only",
        },
        {
            delegation: { domain: "omani.example", nameServers: [], glue: {}, ds: [] },
            why: "refuses omani.example.: another registrar holds it",
        },
        {
            delegation: { domain: "x.example", nameServers: [], glue: {}, ds: ["1 13 2 00"] },
            why: "refuses x.example.: DS records need name servers beside them",
        },
        {
            delegation: {
                domain: "x.example",
                nameServers: ["ns.y.example"],
                glue: { "ns.y.example": ["192.0.2.1"] },
                ds: [],
            },
            why: "refuses x.example.: ns.y.example. is no host of this domain, so it can have no address there",
        },
    ];
    for (const { delegation, why } of refused)
        it(`as the registry, ${why}`, async () => {
            await assert.rejects(
                powerDns.registry.publish(delegation),
                new Error(`the registry of example. ${why}`),
            );
        });
});
