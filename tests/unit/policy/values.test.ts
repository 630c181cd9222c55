/**
 * Proves how what the engine sends is decoded: secrets opened or hidden at any depth and nowhere else, unknown values told from texts. It
 * does not prove that the engine sends it so (`tests/e2e/policy.test.ts`).
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { HIDDEN, UNKNOWN, decode, secretTexts, visitTexts } from "../../../policy/engine/values.ts";

const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function secret(value: unknown) {
    return {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        value,
    };
}

/** JSON whose names are no names of envelopes. */
const json = fc.jsonValue({ maxDepth: 4 });

describe("values as the engine sends them", () => {
    it("are what they are where nothing is secret or unknown", () => {
        fc.assert(
            fc.property(json, (value) => {
                const plain = JSON.parse(JSON.stringify(value)) as unknown;
                for (const secrecy of ["reveal", "hide"] as const)
                    assert.deepEqual(JSON.stringify(decode(plain, secrecy)), JSON.stringify(plain));
                assert.deepEqual(secretTexts(plain), []);
            }),
        );
    });

    it("open a secret to what is in it, or hide it whole", () => {
        fc.assert(
            fc.property(json, fc.string(), (value, beside) => {
                const sent = { beside, list: [secret(value)] };
                const opened = decode(sent, "reveal");
                assert.equal(JSON.stringify(opened), JSON.stringify({ beside, list: [value] }));
                assert.deepEqual(decode(sent, "hide"), { beside, list: [HIDDEN] });
            }),
        );
    });

    it("have every text of every secret, and no other", () => {
        const sent = {
            a: secret({ b: ["x", secret("y"), UNKNOWN_TEXT], n: 1 }),
            plain: "z",
        };
        assert.deepEqual(secretTexts(sent), ["x", "y"]);
    });

    it("are unknown by the text of their type, also in a secret", () => {
        assert.deepEqual(decode({ a: [UNKNOWN_TEXT], b: secret(UNKNOWN_TEXT) }, "reveal"), {
            a: [UNKNOWN],
            b: UNKNOWN,
        });
    });

    it("are visited with their paths", () => {
        const seen: string[] = [];
        visitTexts({ a: { b: ["x", { c: "y" }] }, d: 1, e: UNKNOWN }, (text, path, name) => {
            seen.push(`${path} ${name} ${text}`);
        });
        assert.deepEqual(seen, ["a.b[0] b x", "a.b[1].c c y"]);
    });
});
