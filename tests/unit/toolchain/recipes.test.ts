/**
 * Proves: the key of a recipe follows its module's files and its steps, and nothing else; every recipe's module is committed with
 * its checksums. Does not prove: that the modules compile (the toolchain's own build does).
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { moduleDirectory, recipeKey } from "../../../lab/toolchain/recipe.ts";
import type { Recipe } from "../../../lab/toolchain/recipe.ts";
import {
    BRIDGED_PLUGINS,
    CERT_MANAGER,
    ENGINE,
    FLUX,
    GATEWAY_API,
    KUBERNETES,
    KUBERNETES_PLUGIN,
    KWOK_STAGES,
    PEBBLE,
    REGISTRY,
} from "../../../lab/toolchain/recipes.ts";

const RECIPES = [
    ENGINE,
    KUBERNETES,
    KUBERNETES_PLUGIN,
    BRIDGED_PLUGINS,
    REGISTRY,
    KWOK_STAGES,
    CERT_MANAGER,
    PEBBLE,
    GATEWAY_API,
    FLUX,
];

describe("toolchain recipes", () => {
    let copy: string;
    beforeEach(async () => {
        copy = await mkdtemp(join(tmpdir(), "sovereign-recipe-"));
        await cp(moduleDirectory("registry"), copy, { recursive: true });
    });
    afterEach(async () => {
        await rm(copy, { recursive: true });
    });

    it("have the same key for the same content, wherever it lies", async () => {
        const key = await recipeKey(REGISTRY);
        assert.match(key, /^[0-9a-f]{16}$/);
        assert.equal(await recipeKey(REGISTRY, copy), key);
    });

    it("have another key when a file changes, comes or goes", async () => {
        const key = await recipeKey(REGISTRY, copy);
        await writeFile(join(copy, "more.go"), "package main\n");
        const more = await recipeKey(REGISTRY, copy);
        assert.notEqual(more, key);
        await writeFile(join(copy, "more.go"), "package main\n\n");
        assert.notEqual(await recipeKey(REGISTRY, copy), more);
        await rm(join(copy, "more.go"));
        assert.equal(await recipeKey(REGISTRY, copy), key);
    });

    it("have another key when a step changes, but not when words for people do", async () => {
        const key = await recipeKey(REGISTRY, copy);
        const worded: Recipe = { ...REGISTRY, title: "another title", purpose: "another purpose" };
        assert.equal(await recipeKey(worded, copy), key);
        const stepped: Recipe = {
            ...REGISTRY,
            steps: [{ do: "build", packages: ["."], to: "oci-registry", variables: { a: "b" } }],
        };
        assert.notEqual(await recipeKey(stepped, copy), key);
    });

    it("have names, programs and keys of their own", async () => {
        assert.equal(new Set(RECIPES.map((recipe) => recipe.name)).size, RECIPES.length);
        const keys = await Promise.all(RECIPES.map((recipe) => recipeKey(recipe)));
        assert.equal(new Set(keys).size, RECIPES.length);
        const programs = RECIPES.flatMap((recipe) => recipe.programs);
        assert.equal(new Set(programs).size, programs.length);
    });

    it("come with go.mod and go.sum", () => {
        const modules = [...new Set(RECIPES.flatMap((recipe) => recipe.module ?? []))];
        assert.deepEqual(modules, [
            "engine",
            "kube",
            "kubernetes-provider",
            "providers",
            "registry",
            "pebble",
            "flux",
        ]);
        for (const module of modules)
            for (const file of ["go.mod", "go.sum"])
                assert.ok(existsSync(join(moduleDirectory(module), file)), `${module}/${file}`);
    });
});
