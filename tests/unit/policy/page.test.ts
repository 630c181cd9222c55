/** Proves that the page of the policies names each of them, and every key of its configuration. It does not prove what it says of them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CLONE } from "../../../lab/toolchain/directories.ts";
import { configSchemaOf } from "../../../policy/engine/policies.ts";
import { RULES } from "../../../policy/rules/all.ts";

describe("docs/policy.md", () => {
    const page = readFileSync(join(CLONE, "docs/policy.md"), "utf8");

    for (const { name, config } of RULES)
        it(`names ${name} and its configuration`, () => {
            for (const word of [name, ...Object.keys(configSchemaOf(config).properties)])
                assert.ok(page.includes(`\`${word}\``), `${word} is missing`);
        });
});
