/**
 * Proves that each fixture plans exactly the resources, inputs, parents and options on record, so that no change goes
 * unseen. It does not prove that a cloud accepts them: providers are mocked. `UPDATE_GOLDEN=1` rewrites the record; in CI that is
 * refused.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Sovereign } from "../../components/sovereign.ts";
import { loadConfig } from "../../config.ts";
import { plan } from "../support/plan.ts";
import { sovereignOutputs } from "../support/sovereignOutputs.ts";
import { stackConfig } from "../support/stackFixtures.ts";
import { FIXTURES } from "./fixtures.ts";
import { recordable } from "./recordable.ts";

const EXPECTED = join(import.meta.dirname, "expected");

function matchesRecord(name: string, children: unknown): void {
    const file = join(EXPECTED, `${name}.json`);
    const actual = `${JSON.stringify(children, null, 4)}\n`;
    if (process.env.UPDATE_GOLDEN === "1") {
        assert.notEqual(process.env.CI, "true", "records are rewritten by people, not in CI");
        writeFileSync(file, actual);
        return;
    }
    assert.ok(existsSync(file), `${file} is missing; write it with UPDATE_GOLDEN=1`);
    assert.deepEqual(JSON.parse(actual), JSON.parse(readFileSync(file, "utf8")));
}

describe("golden plan", () => {
    for (const { name, values } of FIXTURES)
        it(`plans ${name} as recorded`, async () => {
            const { children } = await plan(() => new Sovereign("sovereign", loadConfig()), {
                ...stackConfig(values),
                outputs: sovereignOutputs(),
            });
            matchesRecord(name, recordable(children));
        });

    it("has a fixture for every record", () => {
        assert.deepEqual(
            readdirSync(EXPECTED).sort(),
            FIXTURES.map(({ name }) => `${name}.json`).sort(),
        );
    });
});
