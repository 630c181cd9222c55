/**
 * Proves: a PULUMI_HOME has everything under the names that the engine looks for, and putting it together again changes nothing but
 * what is new. Does not prove: that the engine finds it; the end-to-end tests run it.
 */
import assert from "node:assert/strict";
import {
    access,
    constants,
    mkdir,
    mkdtemp,
    readFile,
    readdir,
    rm,
    stat,
    writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
    assemblePulumiHome,
    engineDirectory,
    languageHostBeside,
} from "../../../lab/toolchain/pulumiHome.ts";
import type { PulumiHomeParts } from "../../../lab/toolchain/pulumiHome.ts";
import { PROVIDERS, sdkVersion } from "../../../lab/toolchain/versions.ts";

describe("PULUMI_HOME", () => {
    let root: string;
    let home: string;
    let parts: PulumiHomeParts;
    beforeEach(async () => {
        root = await mkdtemp(join(tmpdir(), "sovereign-home-"));
        home = join(root, "home");
        const cache = join(root, "cache");
        await mkdir(cache);
        await writeFile(join(cache, "pulumi"), "engine", { mode: 0o755 });
        for (const name of PROVIDERS)
            await writeFile(join(cache, `pulumi-resource-${name}`), `plugin ${name}`, {
                mode: 0o755,
            });
        parts = {
            pulumi: join(cache, "pulumi"),
            languageHost: undefined,
            plugins: { hcloud: cache, random: cache, tls: cache, kubernetes: cache },
        };
    });
    afterEach(async () => {
        await rm(root, { recursive: true });
    });

    it("has the CLI, a language host and every plugin under its SDK's version", async () => {
        await assemblePulumiHome(home, parts);
        const bin = engineDirectory(home);
        assert.deepEqual((await readdir(bin)).sort(), ["pulumi", "pulumi-language-nodejs"]);
        assert.equal(await readFile(join(bin, "pulumi"), "utf8"), "engine");
        await access(join(bin, "pulumi-language-nodejs"), constants.X_OK);
        assert.deepEqual(
            (await readdir(join(home, "plugins"))).sort(),
            PROVIDERS.map((name) => `resource-${name}-v${sdkVersion(name)}`).sort(),
        );
        for (const name of PROVIDERS) {
            const file = join(
                home,
                "plugins",
                `resource-${name}-v${sdkVersion(name)}`,
                `pulumi-resource-${name}`,
            );
            assert.equal(await readFile(file, "utf8"), `plugin ${name}`);
        }
    });

    it("is the same after it is put together again", async () => {
        await assemblePulumiHome(home, parts);
        const before = await stat(join(engineDirectory(home), "pulumi"));
        await assemblePulumiHome(home, parts);
        const after = await stat(join(engineDirectory(home), "pulumi"));
        assert.equal(after.ino, before.ino);
        assert.deepEqual((await readdir(engineDirectory(home))).sort(), [
            "pulumi",
            "pulumi-language-nodejs",
        ]);
    });

    it("takes a new engine", async () => {
        await assemblePulumiHome(home, parts);
        const newer = join(root, "newer");
        await writeFile(newer, "another engine", { mode: 0o755 });
        await assemblePulumiHome(home, { ...parts, pulumi: newer });
        assert.equal(
            await readFile(join(engineDirectory(home), "pulumi"), "utf8"),
            "another engine",
        );
    });

    it("has the official language host where it lies beside the CLI", async () => {
        assert.equal(await languageHostBeside(parts.pulumi), undefined);
        const official = join(root, "cache", "pulumi-language-nodejs");
        await writeFile(official, "official", { mode: 0o755 });
        assert.equal(await languageHostBeside(parts.pulumi), official);
        await assemblePulumiHome(home, { ...parts, languageHost: official });
        assert.equal(
            await readFile(join(engineDirectory(home), "pulumi-language-nodejs"), "utf8"),
            "official",
        );
    });
});
