// Proves, without any server: Dynadot's signature by published vectors, the order and grouping of PATCHes, ownership marks,
// DS matching, ids, and that secrets are taken out of texts in every form.
// Does not prove that the services agree; the tests beside this one ask them.
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseImportId } from "../../../provider/dns/delegation/importId.ts";
import { signature } from "../../../provider/dns/dynadot/signature.ts";
import { dsMatches } from "../../../provider/dns/lookup/delegationSigners.ts";
import { formatMark, markedComments, markOf, parseMark } from "../../../provider/dns/ownership.ts";
import { inOrder, patchInGroups } from "../../../provider/dns/patchGroups.ts";
import { PowerDnsError } from "../../../provider/dns/powerdns/transport.ts";
import type { PowerDnsChange } from "../../../provider/dns/powerdns/types.ts";
import { parseRecordSetId } from "../../../provider/dns/recordSetId.ts";
import { Redaction } from "../../../provider/framework/redaction.ts";

function change(
    name: string,
    changetype: PowerDnsChange["changetype"] = "REPLACE",
): PowerDnsChange {
    return { name, type: "A", changetype };
}

describe("Dynadot's signature", () => {
    // Vectors of lego's client (providers/dns/dynadot), without request id.
    it("signs a request without body", () => {
        const pathAndQuery = "/restful/v2/domains/example.com/records";
        assert.equal(
            signature("secret", { key: "key", pathAndQuery, body: "" }),
            "bmpyYo9wpBlZBrcjmZOGrHdp1nQcsesmr8fxibvpefA=",
        );
    });
});

describe("PATCHes", () => {
    it("delete before they replace, and keep the order otherwise", () => {
        const changes = [
            change("a."),
            change("b.", "DELETE"),
            change("c."),
            change("d.", "DELETE"),
        ];
        assert.deepEqual(
            inOrder(changes).map(({ name }) => name),
            ["b.", "d.", "a.", "c."],
        );
    });

    it("are one while the server takes them", async () => {
        const sent: string[][] = [];
        const failures = await patchInGroups([[change("a.")], [change("b.")]], (changes) => {
            sent.push(changes.map(({ name }) => name));
            return Promise.resolve();
        });
        assert.deepEqual(sent, [["a.", "b."]]);
        assert.equal(failures.size, 0);
    });

    it("fall apart when one is refused; what shares a name stays together", async () => {
        const sent: string[] = [];
        const refused = new PowerDnsError("write", 422, "bad record");
        const jobs = [
            [change("good.")],
            [change("bad.", "DELETE")],
            [change("bad.")],
            [change("fine.")],
        ];
        const failures = await patchInGroups(jobs, (changes) => {
            sent.push(changes.map(({ name }) => name).join(" "));
            return changes.some(({ name }) => name === "bad.")
                ? Promise.reject(refused)
                : Promise.resolve();
        });
        assert.deepEqual(sent, [
            "bad. good. bad. fine.",
            "good.",
            "bad. bad. fine.",
            "bad. bad.",
            "fine.",
        ]);
        assert.deepEqual([...failures.keys()], [1, 2]);
    });

    // As PowerDNS words them (pdns/ws-auth.cc).
    for (const reason of [
        "RRset b17. IN A: Conflicts with pre-existing RRset",
        "Record b17./A '192.0.2.256': Parsing record content (try 'pdnsutil check-zone')",
    ])
        it(`are three where the reason names the bad one: ${reason.slice(0, 14)}`, async () => {
            const jobs = Array.from({ length: 25 }, (_, i) => [change(`b${i}.`)]);
            const sent: number[] = [];
            const failures = await patchInGroups(jobs, (changes) => {
                sent.push(changes.length);
                return changes.some(({ name }) => name === "b17.")
                    ? Promise.reject(new PowerDnsError("write", 422, reason))
                    : Promise.resolve();
            });
            assert.deepEqual(sent, [25, 24, 1]);
            assert.deepEqual([...failures.keys()], [17]);
        });

    it("fail exactly what is bad, whatever is together with it", async () => {
        const bad = fc.uniqueArray(fc.integer({ min: 0, max: 19 }), { maxLength: 20 });
        await fc.assert(
            fc.asyncProperty(bad, async (indexes) => {
                const spoiled = new Set(indexes.map((i) => `b${i}.`));
                const done: string[] = [];
                const jobs = Array.from({ length: 20 }, (_, i) => [change(`b${i}.`)]);
                const failures = await patchInGroups(jobs, (changes) => {
                    const names = changes.map(({ name }) => name);
                    if (names.some((name) => spoiled.has(name)))
                        return Promise.reject(new PowerDnsError("write", 422, "bad record"));
                    done.push(...names);
                    return Promise.resolve();
                });
                assert.deepEqual(
                    [...failures.keys()].sort((a, b) => a - b),
                    indexes.sort((a, b) => a - b),
                );
                assert.equal(done.length, 20 - indexes.length);
                assert.equal(new Set(done).size, done.length);
            }),
        );
    });

    it("pass on what may succeed when tried again", async () => {
        const busy = new PowerDnsError("write", 500, "database is locked");
        await assert.rejects(
            patchInGroups([[change("a.")]], () => Promise.reject(busy)),
            busy,
        );
    });
});

describe("ownership marks", () => {
    it("are read back", () => {
        const word = fc.stringMatching(/^[!-~]{1,40}$/);
        fc.assert(
            fc.property(word, word, (owner, claim) => {
                assert.deepEqual(parseMark(formatMark({ owner, claim })), { owner, claim });
            }),
        );
    });

    it("keep everybody else's comments and replace only ours", () => {
        const others = { content: "mine", account: "ann" };
        const once = markedComments([others], { owner: "a", claim: "1" });
        const twice = markedComments(once, { owner: "a", claim: "2" });
        assert.deepEqual(twice, [others, { content: "owner=a claim=2", account: "sovereign" }]);
        assert.deepEqual(markOf({ comments: twice }), { owner: "a", claim: "2" });
        assert.equal(
            markOf({ comments: [{ content: "owner=a claim=2", account: "ann" }] }),
            undefined,
        );
    });
});

describe("DS records", () => {
    // Key and DS of RFC 4509, section 2.3, and of RFC 6605, section 6.1.
    const key = {
        flags: 257,
        algorithm: 13,
        key: Buffer.from(
            "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==",
            "base64",
        ),
    };
    const ds = "55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17";

    it("match the key they speak of, for its zone alone", () => {
        assert.ok(dsMatches(ds, "example.net.", [key]));
        assert.ok(!dsMatches(ds, "example.org.", [key]));
        assert.ok(!dsMatches(ds.replace("55648", "55649"), "example.net.", [key]));
        assert.ok(!dsMatches(ds, "example.net.", []));
        assert.ok(!dsMatches(ds.replace(" 13 2 ", " 13 3 "), "example.net.", [key]));
    });
});

describe("ids", () => {
    it("are taken as people type them", () => {
        assert.deepEqual(parseRecordSetId("Omantel.example/mail.omantel.example/a"), {
            zone: "omantel.example.",
            name: "mail.omantel.example.",
            type: "A",
        });
        assert.deepEqual(parseImportId("powerdns/omani.example/t.omani.example"), {
            via: "powerdns",
            parent: "omani.example.",
            domain: "t.omani.example.",
        });
    });

    for (const [id, parse, said] of [
        [
            "mail.example.",
            parseRecordSetId,
            /is no id of a record set; expected <zone>\/<name>\/<type>/,
        ],
        [
            "a.example/b.other/A",
            parseRecordSetId,
            /names b\.other\., which does not lie in a\.example\./,
        ],
        [
            "omantel.example",
            parseImportId,
            /does not say where a delegation is; expected powerdns\/<parent zone>/,
        ],
        ["powerdns/a.example", parseImportId, /does not say where a delegation is/],
    ] as const)
        it(`refuse ${id}`, () => {
            assert.throws(() => parse(id), said);
        });
});

describe("redaction", () => {
    it("leaves no secret in any text, plain, in a URL or in base64", () => {
        const secret = fc.stringMatching(/^[ -~]{8,40}$/);
        fc.assert(
            fc.property(secret, fc.string(), fc.string(), (hidden, before, after) => {
                const redaction = new Redaction();
                redaction.add(hidden);
                for (const form of [
                    hidden,
                    encodeURIComponent(hidden),
                    Buffer.from(hidden).toString("base64"),
                ])
                    assert.ok(
                        !redaction.redact(`${before}|${form}|${after}`).includes(`|${form}|`),
                    );
            }),
        );
    });

    it("hides the keys of a kubeconfig and leaves its addresses", () => {
        const redaction = new Redaction();
        const data = Buffer.from("a private key of some length").toString("base64");
        redaction.add(`server: https://127.64.1.1:6443\nclient-key-data: ${data}\n`);
        assert.equal(
            redaction.redact(`https://127.64.1.1:6443 refuses ${data}`),
            "https://127.64.1.1:6443 refuses [secret]",
        );
    });
});
