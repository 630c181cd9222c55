/**
 * Proves the resources of the zone and their order: zone, then records, then the delegation with its DS. It does not prove what the
 * provider does with them; its own tests do.
 */
import assert from "node:assert/strict";
import { Dns } from "../../../components/dns/dns.ts";
import type { RecordSetSpec } from "../../../components/dns/recordSet.ts";
import type { DnsConfig } from "../../../config/model.ts";
import { Provider } from "../../../provider/resources/provider.ts";
import { childOf, outline, plainInputs, plan, valueOf } from "../../support/plan.ts";
import { sovereignOutputs } from "../../support/sovereignOutputs.ts";

const outputs = sovereignOutputs();
const fqdn = "omantel.pool.example";

const DNS: DnsConfig = {
    domainMode: "byo-api",
    delegation: "dynadot",
    nameServers: [
        { name: `ns1.${fqdn}`, ipv4: "192.0.2.1", ipv6: "2001:db8::1" },
        { name: "ns2.operator.example" },
    ],
    dnssec: true,
    dnssecKeys: ["1", "2026-11"],
    nsec: "nsec3",
    ttl: 300,
    powerdnsUrl: "https://pdns.example/api/v1",
    powerdnsServerId: "localhost",
    dynadotUrl: "https://api.dynadot.com",
    dynadotRequestsPerMinute: 60,
    waitForDelegation: true,
    dnsPort: 53,
};

const POOL = { domainMode: "pool", poolDomain: "pool.example" } as const;

const RECORDS: readonly RecordSetSpec[] = [
    { name: fqdn, type: "A", ttl: 300, records: ["198.51.100.1"] },
    { name: `*.${fqdn}`, type: "TXT", ttl: 300, records: ["v=spf1 -all"] },
];

const REPORT: RecordSetSpec = {
    name: `${fqdn}._report._dmarc.pool.example`,
    type: "TXT",
    ttl: 300,
    records: ["v=DMARC1"],
};

const make = (changes: Partial<DnsConfig> = {}, parentRecords: readonly RecordSetSpec[] = []) =>
    new Dns("dns", {
        fqdn,
        dns: { ...DNS, ...changes },
        records: RECORDS,
        parentRecords,
        protect: true,
        provider: new Provider("provider", {}),
    });

async function delegation(changes: Partial<DnsConfig>): Promise<Record<string, unknown>> {
    const { children } = await plan(() => make(changes), { outputs });
    return plainInputs(childOf(children, "dns-delegation"));
}

describe("Dns", () => {
    it("is a zone, one resource per record set, and a delegation", async () => {
        const { children } = await plan(() => make(), { outputs });
        assert.deepEqual(outline(children), [
            "pulumi:pulumi:Stack > pulumi:providers:sovereign provider",
            "sovereign:dns:Dns > sovereign:dns:Delegation dns-delegation",
            "pulumi:pulumi:Stack > sovereign:dns:Dns dns",
            "sovereign:dns:Dns > sovereign:dns:RecordSet dns-apex-a",
            "sovereign:dns:Dns > sovereign:dns:RecordSet dns-ns1-a",
            "sovereign:dns:Dns > sovereign:dns:RecordSet dns-ns1-aaaa",
            "sovereign:dns:Dns > sovereign:dns:RecordSet dns-wildcard-txt",
            "sovereign:dns:Dns > sovereign:dns:Zone dns-zone",
        ]);
    });

    it("signs, marks and protects the zone", async () => {
        const { children } = await plan(() => make(), { outputs });
        const zone = childOf(children, "dns-zone");
        assert.deepEqual(plainInputs(zone), {
            name: fqdn,
            nameServers: [`ns1.${fqdn}`, "ns2.operator.example"],
            hostmaster: `hostmaster@${fqdn}`,
            dnssec: true,
            signingKeys: ["1", "2026-11"],
            nsec: "nsec3",
            owner: "pulumi:sovereign/dev",
        });
        assert.deepEqual([zone.options.protect, zone.options.provider], [true, "provider"]);
    });

    it("writes records into the zone that it made, by the same mark", async () => {
        const { children } = await plan(() => make(), { outputs });
        const record = childOf(children, "dns-wildcard-txt");
        assert.deepEqual(plainInputs(record), {
            zone: fqdn,
            name: `*.${fqdn}`,
            type: "TXT",
            ttl: 300,
            records: ["v=spf1 -all"],
            owner: "pulumi:sovereign/dev",
        });
        assert.deepEqual(record.dependencies, ["dns-zone"]);
    });

    it("delegates last, when zone and records stand, with glue and DS", async () => {
        const { children, result } = await plan(() => make(), { outputs });
        const last = childOf(children, "dns-delegation");
        assert.deepEqual(last.dependencies, [
            "dns-apex-a",
            "dns-ns1-a",
            "dns-ns1-aaaa",
            "dns-wildcard-txt",
            "dns-zone",
        ]);
        assert.deepEqual(plainInputs(last), {
            domain: fqdn,
            via: "dynadot-registrar",
            nameServers: [
                { name: `ns1.${fqdn}`, addresses: ["192.0.2.1", "2001:db8::1"] },
                { name: "ns2.operator.example", addresses: [] },
            ],
            ds: ["12345 13 2 0123abcd"],
            owner: "pulumi:sovereign/dev",
            wait: true,
        });
        assert.deepEqual(await valueOf(result.ds), ["12345 13 2 0123abcd"]);
    });

    it("looks whether its name in a pool is free before anything is made for it", async () => {
        for (const [delegation, via] of [
            ["powerdns", "powerdns"],
            ["dynadot", "dynadot-zone"],
        ] as const) {
            const { children } = await plan(() => make({ ...POOL, delegation }, [REPORT]), {
                outputs,
            });
            assert.deepEqual(plainInputs(childOf(children, "dns-pool-name")), {
                domain: fqdn,
                via,
                parent: "pool.example",
                nameServers: [
                    { name: `ns1.${fqdn}`, addresses: ["192.0.2.1", "2001:db8::1"] },
                    { name: "ns2.operator.example", addresses: [] },
                ],
                owner: "pulumi:sovereign/dev",
            });
            for (const name of ["dns-zone", "dns-parent-txt"])
                assert.deepEqual(childOf(children, name).dependencies, ["dns-pool-name"]);
        }
    });

    it("looks for no name that somebody else hands out", async () => {
        const { children } = await plan(() => make({ ...POOL, delegation: "external" }), {
            outputs,
        });
        assert.ok(children.every(({ type }) => type !== "sovereign:dns:PoolName"));
    });

    it("names the parent where a parent zone is written", async () => {
        const { via, parent, ds } = await delegation({ ...POOL, delegation: "powerdns" });
        assert.deepEqual([via, parent, ds], ["powerdns", "pool.example", ["12345 13 2 0123abcd"]]);
    });

    it("gives a zone at Dynadot no DS, which it cannot hold", async () => {
        const { via, parent, ds } = await delegation(POOL);
        assert.deepEqual([via, parent, ds], ["dynadot-zone", "pool.example", []]);
    });

    it("leaves to a person what the registrar's API cannot do", async () => {
        const { via, ds, byHand } = await delegation({
            delegation: "godaddy",
            byHand: ["ds", "glue"],
        });
        assert.deepEqual(
            [via, ds, byHand],
            ["godaddy-registrar", ["12345 13 2 0123abcd"], ["ds", "glue"]],
        );
    });

    it("writes nothing where somebody else delegates, and waits only if told to", async () => {
        const { via, parent, wait } = await delegation({
            ...POOL,
            delegation: "external",
            waitForDelegation: false,
        });
        assert.deepEqual([via, parent, wait], ["external", undefined, false]);
    });

    it("writes the pool's side of central reports into the pool's zone", async () => {
        const { children } = await plan(() => make({ ...POOL, delegation: "powerdns" }, [REPORT]), {
            outputs,
        });
        const { zone, name } = plainInputs(childOf(children, "dns-parent-txt"));
        assert.deepEqual([zone, name], ["pool.example", REPORT.name]);
    });

    it("refuses a record for a zone that nobody here writes", async () => {
        await assert.rejects(
            plan(() => make({}, [REPORT]), { outputs }),
            { message: `${REPORT.name} lies in no zone that the program writes` },
        );
    });

    it("refuses records that cannot stand together", async () => {
        const clash = () =>
            new Dns("dns", {
                fqdn,
                dns: DNS,
                records: [...RECORDS, ...RECORDS],
                protect: false,
                provider: new Provider("provider", {}),
            });
        await assert.rejects(plan(clash, { outputs }), {
            message: `${fqdn} has two record sets of type A`,
        });
    });
});
