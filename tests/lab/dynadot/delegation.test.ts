// Proves that what is registered at the emulated Dynadot really delegates in DNS: hosts, name servers and DS entered through
// either API end as glue, NS and DS in the signed top-level zone of a real PowerDNS, and delv validates the child from the
// top-level key down; taken back, nothing of it is left. Does not prove anything about real registries' checks and delays.
import assert from "node:assert/strict";
import { Dynadot } from "../../../lab/dynadot/dynadot.ts";
import { PowerDns } from "../../../lab/powerdns/powerDns.ts";
import { PowerDnsApi } from "../../../lab/powerdns/powerDnsApi.ts";
import { claimTestLab } from "../../support/labContext.ts";
import type { TestLab } from "../../support/labContext.ts";
import { delv, dig, digAll } from "../powerdns/nameServerPair.ts";

const ZONE = "omantel.example.";
const HOSTS = ["ns1.omantel.example", "ns2.omantel.example"];

describe("a domain at the emulated Dynadot", function () {
    this.timeout(60_000);
    let lab: TestLab;
    let powerDns: PowerDns;
    let dynadot: Dynadot;

    before(async () => {
        lab = await claimTestLab();
        powerDns = new PowerDns(lab.context);
        await powerDns.start();
        dynadot = new Dynadot(lab.context, powerDns);
        await dynadot.start();
    });

    after(async () => {
        await dynadot.stop();
        await powerDns.stop();
        await lab.release();
    });

    const api3 = async (command: string, parameters: Record<string, string>) => {
        const key = lab.context.credentials.dynadotApiKey;
        const query = new URLSearchParams({ key, command, ...parameters });
        const { host, port } = lab.context.addresses.dynadot;
        const answer = await fetch(`http://${host}:${port}/api3.json?${query.toString()}`);
        const [content] = Object.values(
            (await answer.json()) as Record<string, { Status: string }>,
        );
        assert.equal(content?.Status, "success", JSON.stringify(content));
    };
    const check = () => delv(lab.context.addresses, powerDns.trustAnchorFile, `mail.${ZONE}`, "A");

    it("is delegated with glue and DS, validates, and is withdrawn", async () => {
        const { addresses, credentials } = lab.context;
        const api = new PowerDnsApi(addresses.powerdnsApi, credentials.powerdnsApiKey);
        const soa = `ns1.${ZONE} hostmaster.${ZONE} 1 10800 3600 604800 60`;
        await api.createZone({
            name: ZONE,
            nameServers: HOSTS.map((host) => `${host}.`),
            dnssec: true,
            account: "test",
            soa: { name: ZONE, type: "SOA", ttl: 60, records: [soa] },
        });
        await api.change(ZONE, [
            { name: `mail.${ZONE}`, type: "A", ttl: 60, records: ["192.0.2.7"] },
        ]);
        for (const [i, ip] of addresses.nameServers.entries())
            await api3("register_ns", { host: HOSTS[i] ?? "", ip });
        await api3("set_ns", {
            domain: "omantel.example",
            ns0: HOSTS[0] ?? "",
            ns1: HOSTS[1] ?? "",
        });
        assert.match(await check(), /^; unsigned answer$/m);

        const [key] = await api.keys(ZONE);
        const [flags = "", , algorithm = "", publicKey = ""] = key?.dnskey.split(" ") ?? [];
        await api3("set_dnssec", {
            domain_name: "omantel.example",
            flags,
            algorithm,
            public_key: publicKey,
        });
        assert.match(await check(), /^; fully validated$/m);
        assert.deepEqual(await powerDns.listBeyondWorld(), {
            zones: [ZONE],
            recordSets: [`ns1.${ZONE} A`, `ns2.${ZONE} A`, `${ZONE} DS`, `${ZONE} NS`],
        });
        const derived = dynadot.account.domains[0]?.ds[0];
        assert.ok(
            key?.ds.includes(
                `${derived?.keyTag} ${derived?.algorithm} ${derived?.digestType} ${derived?.digest}`,
            ),
        );

        await api3("clear_dnssec", { domain_name: "omantel.example" });
        assert.match(await check(), /^; unsigned answer$/m);
        await api3("set_parking", { domain: "omantel.example" });
        for (const host of HOSTS) await api3("delete_ns_by_domain", { server_domain: host });
        await api.deleteZone(ZONE);
        assert.match(await digAll(addresses, `mail.${ZONE}`, "A"), /status: NXDOMAIN/);
        assert.deepEqual(await powerDns.listBeyondWorld(), { zones: [], recordSets: [] });
    });

    it("is answered by Dynadot's own name servers while it is on Dynadot DNS", async () => {
        const { addresses } = lab.context;
        const domain = "omani-dynadot.example";
        const own = ["ns1.dyna-ns.example.", "ns2.dyna-ns.example."];
        assert.deepEqual(await dig(addresses, domain, "NS"), own);
        assert.deepEqual(await dig(addresses, domain, "TXT"), ['"v=spf1 mx -all"']);
        assert.deepEqual(await dig(addresses, domain, "MX"), [`10 mail.${domain}.`]);
        assert.deepEqual(await dig(addresses, `www.${domain}`, "CNAME"), [`${domain}.`]);
        assert.deepEqual(await dig(addresses, `shop.${domain}`, "A"), []);
        await api3("set_dns2", {
            domain,
            add_dns_to_current_setting: "1",
            subdomain0: "omantel",
            sub_record_type0: "ns",
            sub_record0: `ns1.omantel.${domain}`,
            subdomain1: "ns1.omantel",
            sub_record_type1: "a",
            sub_record1: addresses.nameServers[0],
        });
        const referral = await digAll(addresses, `mail.omantel.${domain}`, "A");
        assert.match(referral, /omantel\.omani-dynadot\.example\.\s+1800\s+IN\s+NS\s+ns1\.omantel/);
        assert.match(referral, /ns1\.omantel\.omani-dynadot\.example\.\s+1800\s+IN\s+A\s+127/);

        await api3("add_ns", { host: "ns1.openova.example" });
        await api3("set_ns", { domain, ns0: "ns1.openova.example" });
        assert.deepEqual(await dig(addresses, domain, "TXT"), []);
        assert.match(await digAll(addresses, domain, "A"), /NS\s+ns1\.openova\.example\./);
        await api3("set_clear_domain_setting", { domain, service: "nameservers" });
        assert.match(await digAll(addresses, domain, "A"), /status: NXDOMAIN/);
    });

    it("is not changed while the registry cannot be reached", async () => {
        const before = structuredClone(dynadot.account);
        await powerDns.stop();
        await assert.rejects(
            api3("register_ns", { host: HOSTS[0] ?? "", ip: "192.0.2.1" }).then(() =>
                api3("set_ns", { domain: "omantel.example", ns0: HOSTS[0] ?? "" }),
            ),
            /problem with connection to main server/,
        );
        assert.deepEqual(dynadot.account.domains, before.domains);
        await powerDns.start();
        await api3("set_ns", { domain: "omantel.example", ns0: HOSTS[0] ?? "" });
        assert.equal(dynadot.account.domains[0]?.mode, "name-servers");
    });
});
