/**
 * Proves: config values for one preview are taken out of the flags and everything else is left to Pulumi. Does not prove: that the
 * program accepts the values.
 */
import assert from "node:assert/strict";
import { takeOverrides } from "../../../lab/commands/overrides.ts";
import { SetupError } from "../../../lab/toolchain/setupError.ts";

describe("config values for one preview", () => {
    it("are taken out of the flags, wherever they stand", () => {
        const flags = [
            "--diff",
            "--set",
            "workerCount=2",
            "--target",
            "urn",
            "--set",
            "sovereign:k=a=b",
        ];
        assert.deepEqual(takeOverrides(flags), {
            overrides: { workerCount: "2", k: "a=b" },
            rest: ["--diff", "--target", "urn"],
        });
    });

    it("are none where none are given", () => {
        assert.deepEqual(takeOverrides(["--diff"]), { overrides: {}, rest: ["--diff"] });
    });

    for (const flags of [["--set"], ["--set", "workerCount"], ["--set", "hcloud:token=x"]])
        it(`are refused as ${JSON.stringify(flags)}`, () => {
            assert.throws(
                () => takeOverrides(flags),
                (error) => {
                    assert.ok(error instanceof SetupError);
                    assert.equal(
                        error.message,
                        `--set takes a key and a value, not "${flags[1] ?? ""}"`,
                    );
                    return true;
                },
            );
        });
});
