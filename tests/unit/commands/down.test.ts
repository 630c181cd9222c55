/**
 * Proves: what protects a resource, and what a Sovereign leaves in other zones or as one, is recognised. Does not prove: that a destroy leaves
 * nothing; the end-to-end tests ask the services.
 */
import assert from "node:assert/strict";
import { deleteProtected, pulumiProtected } from "../../../operations/provision/protection.ts";
import { isFurtherZone, mentions } from "../../../lab/commands/remains/powerdns.ts";
import { TIERS, summary } from "../../../lab/commands/testTiers.ts";

describe("protected resources", () => {
    const resources = [
        {
            urn: "a",
            type: "hcloud:index/server:Server",
            inputs: { deleteProtection: true, rebuildProtection: true },
        },
        {
            urn: "b",
            type: "hcloud:index/network:Network",
            protect: true,
            inputs: { deleteProtection: true },
        },
        { urn: "c", type: "hcloud:index/firewall:Firewall", inputs: { name: "fw" } },
        { urn: "d", type: "other:index:Thing", inputs: { deleteProtection: true } },
        { urn: "e", type: "tls:index/privateKey:PrivateKey", protect: true },
        {
            urn: "f",
            type: "hcloud:index/volume:Volume",
            protect: false,
            inputs: { deleteProtection: false },
        },
    ];
    const urns = (found: readonly { readonly urn: string }[]) => found.map(({ urn }) => urn);

    it("are told apart by who protects them", () => {
        assert.deepEqual(urns(deleteProtected(resources)), ["a", "b"]);
        assert.deepEqual(urns(pulumiProtected(resources)), ["b", "e"]);
    });
});

describe("what a Sovereign leaves in other zones", () => {
    const fqdn = "omantel.example.";
    const set = (name: string, type: string, ...contents: string[]) => ({
        name,
        type,
        records: contents.map((content) => ({ content })),
    });

    for (const [what, recordSet] of [
        ["its delegation", set("omantel.example.", "NS", "ns.elsewhere.example.")],
        ["its DS", set("omantel.example.", "DS", "1 13 2 ab")],
        ["glue", set("ns1.omantel.example.", "A", "127.64.0.2")],
        [
            "a PTR to one of its names",
            set("1.1.64.127.in-addr.arpa.", "PTR", "mail.omantel.example."),
        ],
        ["an MX to one of its names", set("other.example.", "MX", "10 mx.omantel.example.")],
    ] as const)
        it(`is ${what}`, () => {
            assert.equal(mentions(recordSet, fqdn), true);
        });

    for (const [what, recordSet] of [
        [
            "a neighbour whose name ends alike",
            set("notomantel.example.", "NS", "ns1.notomantel.example."),
        ],
        [
            "the parent's own records",
            set("example.", "SOA", "ns1.example. hostmaster.example. 1 2 3 4 5"),
        ],
    ] as const)
        it(`is not ${what}`, () => {
            assert.equal(mentions(recordSet, fqdn), false);
        });
});

describe("a zone beside a Sovereign's own", () => {
    const soa = (content: string) => [
        { name: "omani.homes.", type: "A", records: [{ content: "198.51.100.1" }] },
        { name: "omani.homes.", type: "SOA", records: [{ content }] },
    ];

    it("is the Sovereign's where its hostmaster answers for it", () => {
        const content = "ns1.operator.example. hostmaster.omantel.example. 1 2 3 4 5";
        assert.equal(isFurtherZone(soa(content), "omantel.example."), true);
    });

    it("is not for a name server in the Sovereign's zone", () => {
        const content = "ns1.omantel.example. hostmaster.operator.example. 1 2 3 4 5";
        assert.equal(isFurtherZone(soa(content), "omantel.example."), false);
    });
});

describe("the summary of all tiers", () => {
    it("adds passed and failed tests", () => {
        const result = (passed: number, failed: number) => ({
            tier: "t",
            passed,
            failed,
            milliseconds: 1,
        });
        assert.equal(summary([result(3, 0), result(4, 2)]), "7 passed, 2 failed");
        assert.equal(summary([]), "0 passed, 0 failed");
    });

    it("is of all eight tiers, those without a toolchain first", () => {
        assert.deepEqual(
            TIERS.map(({ name }) => name),
            ["check", "unit", "components", "golden", "provider", "charts", "lab", "e2e"],
        );
        const needs = TIERS.map(({ needsToolchain }) => needsToolchain);
        assert.deepEqual(needs, [...needs].sort());
    });
});
