// Proves, over generated data: names, contents and texts have one canonical form, whatever notation they come in, and texts
// survive the way to character-strings and back. And by example: what is refused offline, with which words.
// Does not prove that PowerDNS takes every canonical form (the record set tests write some of each kind).
import assert from "node:assert/strict";
import fc from "fast-check";
import {
    decodeOctets,
    decodeText,
    encodeOctets,
    encodeText,
} from "../../../provider/dns/characterStrings.ts";
import { canonicalContent, RECORD_TYPES } from "../../../provider/dns/contents.ts";
import {
    canonicalName,
    InvalidDnsData,
    isWithin,
    mailboxAddress,
    mailboxName,
    namesBetween,
} from "../../../provider/dns/names.ts";
import { REFUSED_CONTENTS, SAMPLE_CONTENTS } from "./contentSamples.ts";
import { canonicalRecords, sameContents } from "../../../provider/dns/recordSets.ts";

const label = fc.stringMatching(/^[a-z0-9_]([a-z0-9-]{0,10}[a-z0-9])?$/);
const name = fc
    .array(label, { minLength: 1, maxLength: 6 })
    .map((labels) => `${labels.join(".")}.`);
const octet = fc.integer({ min: 0, max: 255 });

/** Upper or lower case, letter by letter. */
function anyCase(text: string): fc.Arbitrary<string> {
    return fc
        .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
        .map((upper) =>
            Array.from(text, (c, i) => (upper[i] === true ? c.toUpperCase() : c)).join(""),
        );
}

function refused(act: () => unknown): string {
    try {
        act();
    } catch (error) {
        assert.ok(error instanceof InvalidDnsData, String(error));
        return error.message;
    }
    throw new assert.AssertionError({ message: "it was accepted" });
}

describe("canonical names", () => {
    it("are the same for every spelling, and stay as they are", () => {
        fc.assert(
            fc.property(
                name.chain((n) => fc.tuple(fc.constant(n), anyCase(n), fc.boolean())),
                ([n, spelled, dotted]) => {
                    const given = dotted ? spelled : spelled.slice(0, -1);
                    assert.equal(canonicalName(given), n);
                    assert.equal(canonicalName(canonicalName(given)), n);
                },
            ),
        );
    });

    it("write internationalised labels in their ASCII form", () => {
        assert.equal(canonicalName("_dmarc.Bücher.example"), "_dmarc.xn--bcher-kva.example.");
        assert.equal(canonicalName("*.例え.example"), "*.xn--r8jz45g.example.");
    });

    for (const [given, said] of [
        ["", "the name is empty; expected a domain name such as mail.example."],
        ["a..b", '"a..b" has an empty label (two dots in a row)'],
        [
            `${"a".repeat(64)}.b`,
            `"${"a".repeat(64)}.b" has a label of 64 characters; a label has at most 63`,
        ],
        ["a b.example", '"a b.example" has the label "a b"; expected letters, digits, "-" and "_"'],
        ["a.*.example", '"a.*.example" has "*" in its middle; it stands only at the front'],
    ] as const)
        it(`refuse "${given.slice(0, 12)}"`, () => {
            assert.equal(
                refused(() => canonicalName(given)),
                said,
            );
        });

    it("know what lies between them", () => {
        assert.deepEqual(namesBetween("a.b.c.example.", "example."), [
            "b.c.example.",
            "c.example.",
        ]);
        assert.deepEqual(namesBetween("c.example.", "example."), []);
        assert.ok(isWithin("a.example.", "example."));
        assert.ok(!isWithin("aexample.", "example."));
    });

    it("turn mailboxes into names and back", () => {
        fc.assert(
            fc.property(fc.array(label, { minLength: 1, maxLength: 3 }), name, (local, domain) => {
                const address = `${local.join(".")}@${domain.slice(0, -1)}`;
                assert.equal(mailboxAddress(mailboxName(address)), address);
            }),
        );
    });
});

describe("character-strings", () => {
    it("bring every octet back", () => {
        fc.assert(
            fc.property(fc.uint8Array({ maxLength: 1000 }), (octets) => {
                assert.deepEqual([...decodeOctets(encodeOctets(Buffer.from(octets)))], [...octets]);
            }),
        );
    });

    it("bring every text back, in pieces of at most 255 octets", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary", maxLength: 700 }), (text) => {
                const wellFormed = text.toWellFormed();
                const encoded = encodeText(wellFormed);
                assert.equal(decodeText(encoded), wellFormed);
                for (const piece of encoded.match(/"(?:[^"\\]|\\.)*"/gs) ?? [])
                    assert.ok(decodeOctets(piece).length <= 255);
            }),
        );
    });

    it("are the same however they are cut and escaped", () => {
        assert.equal(canonicalContent("TXT", String.raw`"v=spf1 " "-all"`), '"v=spf1 -all"');
        assert.equal(canonicalContent("TXT", String.raw`"\118=spf1 -all"`), '"v=spf1 -all"');
        assert.ok(sameContents("TXT", ['"ab" "c"'], ['"a" "bc"']));
        assert.equal(encodeText(""), '""');
    });

    it("refuse an open quotation mark and octets above 255", () => {
        assert.equal(
            refused(() => canonicalContent("TXT", '"open')),
            "a character-string lacks its closing quotation mark",
        );
        assert.equal(
            refused(() => canonicalContent("TXT", String.raw`"\256"`)),
            String.raw`\256 in a character-string is above 255`,
        );
    });
});

describe("canonical contents", () => {
    it("do not change a second time", () => {
        for (const [type, content] of SAMPLE_CONTENTS)
            assert.equal(
                canonicalContent(type, canonicalContent(type, content)),
                canonicalContent(type, content),
            );
    });

    it("cover every type that can be written", () => {
        assert.deepEqual([...new Set(SAMPLE_CONTENTS.map(([type]) => type))].sort(), RECORD_TYPES);
    });

    for (const [type, content, canonical] of SAMPLE_CONTENTS)
        it(`${type} ${content.slice(0, 40)}`, () => {
            assert.equal(canonicalContent(type, content), canonical);
        });

    it("are the same for every notation of an IPv6 address", () => {
        fc.assert(
            fc.property(fc.array(octet, { minLength: 16, maxLength: 16 }), (octets) => {
                const groups = Array.from({ length: 8 }, (_, i) =>
                    (((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0)).toString(16),
                );
                const short = canonicalContent("AAAA", groups.join(":"));
                const long = groups.map((group) => group.padStart(4, "0").toUpperCase()).join(":");
                assert.equal(canonicalContent("AAAA", long), short);
                assert.equal(canonicalContent("AAAA", short), short);
            }),
        );
    });

    it("compare as sets", () => {
        fc.assert(
            fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), (names) => {
                assert.ok(
                    sameContents(
                        "PTR",
                        names,
                        [...names].reverse().map((n) => n.toUpperCase()),
                    ),
                );
                assert.ok(!sameContents("PTR", names, names.slice(1)));
            }),
        );
    });

    for (const [type, content, said] of REFUSED_CONTENTS)
        it(`refuse ${type} ${content}`, () => {
            assert.equal(
                refused(() => canonicalContent(type, content)),
                said,
            );
        });

    it("refuse a record given twice in two notations, and a second CNAME", () => {
        assert.equal(
            refused(() => canonicalRecords("AAAA", ["2001:db8::1", "2001:DB8:0::1"])),
            'the record "2001:DB8:0::1" is given twice',
        );
        assert.equal(
            refused(() => canonicalRecords("CNAME", ["a.example", "b.example"])),
            "a name has one CNAME record only, but 2 are given",
        );
    });
});
