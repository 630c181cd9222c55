// Proves, against the real PowerDNS with many record sets in one zone: every canonical content is taken as it is and comes back as
// the same, byte for byte but for IPv4 addresses within IPv6 ones, and generated texts, names and service bindings do as well; what we refuse offline nobody misses.
// Does not prove the notation of other versions of PowerDNS than the one on this machine.
import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeText } from "../../../../provider/dns/characterStrings.ts";
import { misplaced } from "../../../../provider/dns/coexistence.ts";
import { canonicalContent } from "../../../../provider/dns/contents.ts";
import { programForm, sameContents } from "../../../../provider/dns/recordSets.ts";
import { PowerDnsLab } from "../../support/powerDnsLab.ts";
import { SAMPLE_CONTENTS } from "../contentSamples.ts";

const ZONE = "contents.example.";

/** Type and canonical content. */
type Sample = readonly [string, string];

const label = fc.stringMatching(/^[a-z0-9_]([a-z0-9-]{0,10}[a-z0-9])?$/);
const hostLabel = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const host = fc.array(hostLabel, { minLength: 1, maxLength: 5 }).map((l) => `${l.join(".")}.`);
const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((l) => `${l.join(".")}.`);
const text = fc.string({ unit: "binary", maxLength: 700 }).map((t) => t.toWellFormed());
const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hex = (length: number) => octets(length).map((o) => Buffer.from(o).toString("hex"));
const short = fc.integer({ min: 0, max: 0xffff });

const binding = fc
    .record({
        alpn: fc.option(fc.uniqueArray(fc.constantFrom("h2", "h3", "http/1.1"), { minLength: 1 })),
        port: fc.option(short),
        ipv4hint: fc.option(fc.array(fc.ipV4(), { minLength: 1, maxLength: 3 })),
        ipv6hint: fc.option(fc.array(fc.ipV6(), { minLength: 1, maxLength: 3 })),
        ech: fc.option(
            fc
                .uint8Array({ minLength: 1, maxLength: 60 })
                .map((o) => Buffer.from(o).toString("base64")),
        ),
        // PowerDNS 4.7 loses its way at ";", "(" and ")", also between quotation marks.
        key667: fc.option(fc.stringMatching(/^[\w/{}?=.,:+-]{0,20}$/)),
    })
    .map((given) =>
        Object.entries(given)
            .filter(([, value]) => value !== null)
            .map(([key, value]) =>
                key === "key667"
                    ? `${key}="${encodeText(String(value)).slice(1, -1)}"`
                    : `${key}=${String(value)}`,
            )
            .reverse()
            .join(" "),
    );

const generated: fc.Arbitrary<Sample> = fc
    .oneof(
        text.map((t) => ["TXT", encodeText(t)] as const),
        fc.tuple(short, host).map(([p, n]) => ["MX", `${p} ${n}`] as const),
        fc.tuple(short, short, short, host).map((f) => ["SRV", f.join(" ")] as const),
        name.map((n) => ["PTR", n.toUpperCase()] as const),
        fc.ipV6().map((ip) => ["AAAA", ip] as const),
        hex(32).map((digest) => ["TLSA", `3 1 1 ${digest.toUpperCase()}`] as const),
        hex(32).map((digest) => ["DS", `1 13 2 ${digest}`] as const),
        binding.map((parameters) => ["HTTPS", `1 . ${parameters}`] as const),
        fc
            .tuple(
                fc.constantFrom("issue", "issuewild", "iodef"),
                text.map((t) => t.slice(0, 60)),
            )
            .map(([tag, value]) => ["CAA", `0 ${tag} ${encodeText(value)}`] as const),
    )
    .map(([type, content]) => [type, canonicalContent(type, content)] as const);

describe("canonical contents at PowerDNS", function () {
    this.timeout(60_000);
    let lab: PowerDnsLab;
    before(async () => {
        lab = await PowerDnsLab.start();
        await lab.foreignZone(ZONE);
    });
    after(async () => {
        await lab.stop();
    });

    /** Writes all samples in one PATCH, each at a name of its own, and compares what comes back. */
    async function assertKept(samples: readonly Sample[]): Promise<void> {
        const sets = samples.map(([type, content], i) => ({
            name: `n${i}.${ZONE}`,
            type,
            changetype: "REPLACE" as const,
            ttl: 60,
            records: [{ content }],
        }));
        await lab.patch(ZONE, ...sets);
        const zone = await lab.zone(ZONE);
        const back = new Map(
            zone?.rrsets.map((set) => [`${set.name} ${set.type}`, set.records[0]?.content ?? ""]),
        );
        for (const [i, [type, content]] of samples.entries()) {
            const live = back.get(`n${i}.${ZONE} ${type}`) ?? "";
            // PowerDNS takes hexadecimal groups only and gives an embedded IPv4 address back (::ffff:192.0.2.1).
            if (type !== "AAAA" || !live.includes(".")) assert.equal(live, content, type);
            assert.ok(sameContents(type, [live], [content]));
            if (type !== "TXT" && type !== "SPF") assert.equal(programForm(type, live), content);
        }
        const removed = sets.map(({ name: n, type }) => ({
            name: n,
            type,
            changetype: "DELETE" as const,
        }));
        await lab.patch(ZONE, ...removed);
    }

    it("come back as they were written, of every type", async () => {
        const samples = SAMPLE_CONTENTS.filter(
            ([type]) => misplaced(ZONE, { name: `n.${ZONE}`, type }) === undefined,
        ).map(([type, , canonical]) => [type, canonical] as const);
        await assertKept(samples);
    });

    it("come back as they were written, whatever is generated", async () => {
        await fc.assert(
            fc.asyncProperty(fc.array(generated, { minLength: 60, maxLength: 80 }), assertKept),
            { numRuns: 12, endOnFailure: true },
        );
    });

    it("bring every text back as it was given, one that the type's limit just allows too", async () => {
        const texts = ["", "x".repeat(60_000), '\u0000\u00ff"\\', "a".repeat(255), "b".repeat(256)];
        await assertKept(texts.map((t) => ["TXT", encodeText(t)] as const));
    });
});
