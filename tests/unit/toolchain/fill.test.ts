/**
 * Proves that a recipe makes a text file from its template, and fails where the template is not what it takes it for. Does not prove what
 * upstream's templates say (the toolchain's own build does).
 */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildRecipe } from "../../../lab/toolchain/goBuild.ts";
import type { Recipe } from "../../../lab/toolchain/recipe.ts";

const recipe = (replacements: readonly (readonly [string, string])[]): Recipe => ({
    name: "chart",
    title: "a chart",
    purpose: "a test",
    version: "1.0.0",
    programs: [],
    steps: [{ do: "fill", template: "Chart.template.yaml", to: "Chart.yaml", replacements }],
});

describe("a recipe that fills a template", () => {
    let output: string;
    beforeEach(async () => {
        output = await mkdtemp(join(tmpdir(), "sovereign-fill-"));
        await writeFile(
            join(output, "Chart.template.yaml"),
            "kubeVersion: x\nversion: v0.0.0\nappVersion: v0.0.0",
        );
    });
    afterEach(() => rm(output, { recursive: true }));

    const build = (replacements: readonly (readonly [string, string])[]) =>
        buildRecipe(recipe(replacements), output, { report: () => undefined });

    it("replaces by lines, and takes the template away", async () => {
        await build([["^(version|appVersion): .*$", "$1: v1.2.3"]]);
        assert.deepEqual(await readdir(output), ["Chart.yaml"]);
        assert.equal(
            await readFile(join(output, "Chart.yaml"), "utf8"),
            "kubeVersion: x\nversion: v1.2.3\nappVersion: v1.2.3",
        );
    });

    it("fails where there is nothing to replace", async () => {
        await assert.rejects(
            build([["^release: .*$", "release: 1"]]),
            /^Error: Chart\.template\.yaml has nothing that matches \^release: \.\*\$$/,
        );
    });
});
