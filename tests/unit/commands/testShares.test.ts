// Proves: test files are dealt out whole, each once, the largest first and evenly. Does not prove: that a file's size tells how long it takes.
import assert from "node:assert/strict";
import fc from "fast-check";
import { shares, type TestFile } from "../../../lab/commands/testShares.ts";

const file = (path: string, size: number): TestFile => ({ path, size });

describe("shares of test files", () => {
    it("begin with the largest files, and hold about as much as each other", () => {
        const files = [file("a", 10), file("b", 90), file("c", 50), file("d", 30), file("e", 20)];
        assert.deepEqual(shares(files, 2), [
            ["b", "a"],
            ["c", "d", "e"],
        ]);
    });

    it("are none without a file, even of empty ones", () => {
        assert.deepEqual(shares([file("a", 0), file("b", 0)], 2), [["a"], ["b"]]);
    });

    it("are no more than there are files", () => {
        assert.deepEqual(shares([file("a", 1)], 24), [["a"]]);
        assert.deepEqual(shares([], 24), []);
    });

    it("hold every file once", () => {
        const sizes = fc.array(fc.integer({ min: 0, max: 50_000 }), { maxLength: 60 });
        fc.assert(
            fc.property(sizes, fc.integer({ min: 1, max: 30 }), (list, count) => {
                const files = list.map((size, index) => file(`${index}.test.ts`, size));
                const dealt = shares(files, count);
                assert.deepEqual(dealt.flat().toSorted(), files.map(({ path }) => path).toSorted());
                assert.ok(dealt.every((share) => share.length > 0));
            }),
        );
    });
});
