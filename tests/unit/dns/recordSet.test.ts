/**
 * Proves the rules that record sets obey before they become resources. It does not prove that PowerDNS takes them; the tests of
 * the provider do.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
    addressSets,
    assertRecordSets,
    relativeName,
    resourceSuffix,
} from "../../../components/dns/recordSet.ts";
import type { RecordSetSpec, RecordType } from "../../../components/dns/recordSet.ts";

const ZONE = "omantel.example.org";
const set = (name: string, type: RecordType, ...records: string[]): RecordSetSpec => ({
    name,
    type,
    ttl: 300,
    records,
});

describe("addressSets", () => {
    it("makes one set per family that has addresses", () => {
        assert.deepEqual(addressSets("a.test", 60, ["192.0.2.1", "192.0.2.2"], ["2001:db8::1"]), [
            { name: "a.test", type: "A", ttl: 60, records: ["192.0.2.1", "192.0.2.2"] },
            { name: "a.test", type: "AAAA", ttl: 60, records: ["2001:db8::1"] },
        ]);
        assert.deepEqual(addressSets("a.test", 60, [], []), []);
    });
});

describe("names of record sets", () => {
    it("speaks of apex and wildcard in words", () => {
        assert.equal(resourceSuffix(set(ZONE, "MX", "10 mx."), ZONE), "apex-mx");
        assert.equal(resourceSuffix(set(`*.${ZONE}`, "TXT", "x"), ZONE), "wildcard-txt");
        assert.equal(
            resourceSuffix(set(`_25._tcp.mx.${ZONE}`, "TLSA", "x"), ZONE),
            "_25._tcp.mx-tlsa",
        );
    });

    it("refuses a name outside the zone, also one that only ends alike", () => {
        assert.throws(() => relativeName("mail.example.org", ZONE), {
            name: "RangeError",
            message: "mail.example.org does not lie in omantel.example.org",
        });
        assert.throws(() => relativeName(`my${ZONE}`, ZONE), RangeError);
    });

    it("differ wherever name or type differ", () => {
        const label = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,8}$/);
        const owner = fc
            .array(label, { maxLength: 3 })
            .map((labels) => [...labels, ZONE].join("."))
            // Two words are taken; the program has no hosts of these names.
            .filter((name) => !/^(?:apex|wildcard)\./.test(name));
        const type = fc.constantFrom<RecordType>("A", "AAAA", "CAA", "MX", "TLSA", "TXT");
        fc.assert(
            fc.property(owner, type, owner, type, (n1, t1, n2, t2) => {
                const same =
                    resourceSuffix({ name: n1, type: t1 }, ZONE) ===
                    resourceSuffix({ name: n2, type: t2 }, ZONE);
                assert.equal(same, n1 === n2 && t1 === t2);
            }),
        );
    });
});

describe("assertRecordSets", () => {
    const refused = (message: string, ...sets: RecordSetSpec[]) => {
        assert.throws(() => {
            assertRecordSets(sets, ZONE);
        }, new RangeError(message));
    };

    it("accepts sets that differ in name or type", () => {
        assertRecordSets(
            [
                set(ZONE, "A", "192.0.2.1"),
                set(ZONE, "AAAA", "::1"),
                set(`a.${ZONE}`, "A", "192.0.2.1"),
            ],
            ZONE,
        );
    });

    it("refuses a name and type twice", () => {
        refused(
            `${ZONE} has two record sets of type TXT`,
            set(ZONE, "TXT", "a"),
            set(ZONE, "TXT", "b"),
        );
    });

    it("refuses an empty set", () => {
        refused(`${ZONE} has an empty record set of type A`, set(ZONE, "A"));
    });

    it("refuses two SPF records in one set", () => {
        refused(`${ZONE} has 2 SPF records`, set(ZONE, "TXT", "v=spf1 a -all", "v=spf1 mx -all"));
    });

    it("refuses a set outside the zone", () => {
        refused(
            "elsewhere.test does not lie in omantel.example.org",
            set("elsewhere.test", "A", "x"),
        );
    });
});
