// Proves how records of Dynadot's own DNS look on the wire: names, targets, preferences, TXT in character-strings of at most 255
// octets, and what is left out. Does not prove how Dynadot itself splits long texts, which is undocumented.
import assert from "node:assert/strict";
import fc from "fast-check";
import { hostedRecordSets } from "../../../lab/dynadot/hostedRecordSets.ts";

const sets = (
    main: { type: string; value: string; value2?: string }[],
    sub: { subhost: string; type: string; value: string; value2?: string }[] = [],
) => hostedRecordSets({ name: "pool.example", hosted: { main, sub, ttl: 600 } });

describe("hostedRecordSets", () => {
    it("joins records of one name and type, with the domain's TTL", () => {
        assert.deepEqual(
            sets(
                [
                    { type: "a", value: "192.0.2.1" },
                    { type: "mx", value: "mail.pool.example", value2: "10" },
                    { type: "a", value: "192.0.2.2" },
                    { type: "a", value: "192.0.2.2" },
                ],
                [
                    { subhost: "x", type: "ns", value: "ns1.x.pool.example." },
                    { subhost: "www", type: "cname", value: "pool.example" },
                ],
            ),
            [
                {
                    name: "pool.example",
                    type: "A",
                    ttl: 600,
                    records: ["192.0.2.1", "192.0.2.2"],
                },
                { name: "pool.example", type: "MX", ttl: 600, records: ["10 mail.pool.example."] },
                { name: "x.pool.example", type: "NS", ttl: 600, records: ["ns1.x.pool.example."] },
                { name: "www.pool.example", type: "CNAME", ttl: 600, records: ["pool.example."] },
            ],
        );
    });

    it("leaves out pseudo-types and SRV", () => {
        const types = ["forward", "stealth", "email", "aname"];
        const main = types.map((type) => ({ type, value: "x" }));
        assert.deepEqual(sets(main, [{ subhost: "_s._tcp", type: "srv", value: "x" }]), []);
    });

    it("keeps every octet of a text, in strings of at most 255", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary", maxLength: 700 }), (value) => {
                const [set] = sets([{ type: "txt", value }]);
                const strings = (set?.records[0] ?? "").slice(1, -1).split('" "');
                const octets = strings.map((string) =>
                    Buffer.from(
                        string.replace(/\\(\d{3})/g, (_, code: string) =>
                            String.fromCharCode(Number(code)),
                        ),
                        "latin1",
                    ),
                );
                assert.deepEqual(Buffer.concat(octets), Buffer.from(value));
                assert.ok(octets.every((string) => string.length <= 255));
            }),
        );
    });
});
