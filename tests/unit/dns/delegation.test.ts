/** Proves who writes the parent side, which glue goes with it, and by which mark what is ours is known. Pure functions only. */
import assert from "node:assert/strict";
import { delegationVia } from "../../../components/dns/dns.ts";
import {
    addressesOf,
    inBailiwick,
    nameServerRecords,
} from "../../../components/dns/nameServers.ts";
import { ownerMark } from "../../../components/dns/ownerMark.ts";

describe("delegationVia", () => {
    for (const [delegation, domainMode, via] of [
        ["powerdns", "pool", "powerdns"],
        ["dynadot", "pool", "dynadot-zone"],
        ["dynadot", "byo-api", "dynadot-registrar"],
        ["cloudflare", "byo-api", "cloudflare-registrar"],
        ["namecheap", "byo-api", "namecheap-registrar"],
        ["godaddy", "byo-api", "godaddy-registrar"],
        ["ovh", "byo-api", "ovh-registrar"],
        ["external", "pool", "external"],
        ["external", "byo-manual", "external"],
    ] as const)
        it(`${delegation} in ${domainMode} is ${via}`, () => {
            assert.equal(delegationVia({ delegation, domainMode }), via);
        });
});

describe("name servers", () => {
    const own = { name: "ns1.omantel.example", ipv4: "192.0.2.1", ipv6: "2001:db8::1" };
    const theirs = { name: "ns2.operator.example", ipv4: "192.0.2.2" };
    const alike = { name: "ns3.myomantel.example", ipv4: "192.0.2.3" };

    it("are in bailiwick only below the Sovereign's name", () => {
        assert.deepEqual(inBailiwick("omantel.example", [own, theirs, alike]), [own]);
    });

    it("have their addresses in the zone where they are in bailiwick", () => {
        assert.deepEqual(nameServerRecords("omantel.example", 300, [own, theirs]), [
            { name: own.name, type: "A", ttl: 300, records: ["192.0.2.1"] },
            { name: own.name, type: "AAAA", ttl: 300, records: ["2001:db8::1"] },
        ]);
    });

    it("give the parent every address that is configured", () => {
        assert.deepEqual(addressesOf(own), ["192.0.2.1", "2001:db8::1"]);
        assert.deepEqual(addressesOf({ name: "ns.operator.example" }), []);
    });
});

describe("ownerMark", () => {
    it("names project and stack", () => {
        assert.equal(ownerMark("sovereign", "dev"), "pulumi:sovereign/dev");
    });

    it("fits in 40 characters and stays different for different stacks", () => {
        const stack = "a-very-long-stack-name-of-a-very-long";
        const [one, two] = [
            ownerMark("sovereign", `${stack}-1`),
            ownerMark("sovereign", `${stack}-2`),
        ];
        assert.equal(one.length, 40);
        assert.equal(two.length, 40);
        assert.notEqual(one, two);
        assert.match(one, /^pulumi:sovereign\/a-very-long-s[a-z-]*-[0-9a-f]{8}$/);
    });
});
