/**
 * Proves: the language host passes the engine's wishes to the SDK's entry points, and finds the plugins that packages ask for. Does
 * not prove: that the engine is content with it; the end-to-end tests run it under the real one.
 */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
    environmentOf,
    pluginArguments,
    programArguments,
    programEnvironment,
    runtimeOptions,
} from "../../../lab/toolchain/languageHost/commandLine.ts";
import type { ProgramRun } from "../../../lab/toolchain/languageHost/commandLine.ts";
import {
    installedDependencies,
    requiredPackages,
} from "../../../lab/toolchain/languageHost/requiredPackages.ts";
import { resolveSdk } from "../../../lab/toolchain/languageHost/resolveSdk.ts";
import { CLONE } from "../../../lab/toolchain/directories.ts";

const RUN: ProgramRun = {
    monitorAddress: "127.0.0.1:1",
    engineAddress: "127.0.0.1:2",
    organization: "organization",
    project: "p",
    stack: "s",
    rootDirectory: "/root",
    programDirectory: "/root/program",
    entryPoint: "",
    dryRun: true,
    parallel: 16,
    arguments: ["more"],
    config: { "p:key": "value" },
    configSecretKeys: ["p:key"],
};

describe("the command line of a program", () => {
    it("carries everything that the SDK reads", () => {
        assert.deepEqual(
            programArguments(RUN, runtimeOptions({ nodeargs: "--a  --b" }), "/sdk.js"),
            [
                "--a",
                "--b",
                "/sdk.js",
                "--monitor",
                "127.0.0.1:1",
                "--engine",
                "127.0.0.1:2",
                "--organization",
                "organization",
                "--project",
                "p",
                "--root-directory",
                "/root",
                "--stack",
                "s",
                "--pwd",
                "/root/program",
                "--dry-run",
                "--parallel",
                "16",
                ".",
                "more",
            ],
        );
    });

    it("names the entry point, and no dry run in an update", () => {
        const args = programArguments(
            { ...RUN, dryRun: false, entryPoint: "main.ts", arguments: [] },
            runtimeOptions(),
            "/sdk.js",
        );
        assert.equal(args.at(-1), "main.ts");
        assert.equal(args.includes("--dry-run"), false);
    });

    it("hands over the config by environment, and ts-node only where it is wanted", () => {
        assert.deepEqual(programEnvironment(RUN, runtimeOptions({ typescript: false })), {
            PULUMI_CONFIG: '{"p:key":"value"}',
            PULUMI_CONFIG_SECRET_KEYS: '["p:key"]',
        });
        assert.equal(programEnvironment(RUN, runtimeOptions()).PULUMI_NODEJS_TYPESCRIPT, "true");
    });
});

describe("the command line of a plugin", () => {
    const run = { programDirectory: "/plugin", arguments: ["127.0.0.1:2"] };

    it("names a resource plugin's directory first", () => {
        assert.deepEqual(
            pluginArguments({ ...run, kind: "resource" }, runtimeOptions(), "/sdk.js"),
            ["/sdk.js", "/plugin", "127.0.0.1:2"],
        );
    });

    it("names the engine's address first for a policy pack", () => {
        assert.deepEqual(
            pluginArguments({ ...run, kind: "analyzer" }, runtimeOptions(), "/sdk.js"),
            ["/sdk.js", "127.0.0.1:2", "/plugin"],
        );
    });

    it("keeps equals signs in values", () => {
        assert.deepEqual(environmentOf(["A=b=c", "EMPTY=", "BARE"]), {
            A: "b=c",
            EMPTY: "",
            BARE: "",
        });
    });
});

describe("the packages of a program", () => {
    let root: string;
    beforeEach(async () => {
        root = await mkdtemp(join(tmpdir(), "sovereign-packages-"));
    });
    afterEach(async () => {
        await rm(root, { recursive: true });
    });

    async function install(path: string, manifest: object): Promise<void> {
        const file = join(root, path, "package.json");
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, JSON.stringify(manifest));
    }

    it("ask for plugins by their manifests, also from folders above; the nearest copy wins", async () => {
        const pulumi = { resource: true };
        await install("node_modules/@pulumi/tls", {
            name: "@pulumi/tls",
            version: "5.6.1",
            pulumi,
        });
        await install("node_modules/@pulumi/random", {
            name: "@pulumi/random",
            version: "1.0.0",
            pulumi,
        });
        await install("node_modules/plain", { name: "plain", version: "9.9.9" });
        await install("node_modules/named", {
            name: "named",
            version: "1.0.0",
            pulumi: {
                resource: true,
                name: "other",
                version: "v2.0.0",
                server: "https://plugins.example",
            },
        });
        await install("program/node_modules/@pulumi/random", {
            name: "@pulumi/random",
            version: "4.21.2",
            pulumi,
        });
        assert.deepEqual(await requiredPackages(join(root, "program")), [
            { name: "other", version: "v2.0.0", server: "https://plugins.example" },
            { name: "random", version: "v4.21.2" },
            { name: "tls", version: "v5.6.1" },
        ]);
        const installed = await installedDependencies(join(root, "program"));
        assert.equal(installed.get("@pulumi/random"), "4.21.2");
        assert.equal(installed.get("plain"), "9.9.9");
    });

    it("are none where nothing is installed", async () => {
        assert.deepEqual(await requiredPackages(root), []);
    });

    it("of this project are its four providers", async () => {
        const names = (await requiredPackages(CLONE)).map(({ name }) => name);
        assert.deepEqual(names, ["hcloud", "kubernetes", "random", "tls"]);
    });

    it("include the SDK, or the person is told how to install it", () => {
        assert.match(
            resolveSdk(CLONE, "run-policy-pack"),
            /@pulumi\/pulumi\/cmd\/run-policy-pack\/index\.js$/,
        );
        assert.throws(() => resolveSdk(root, "run"), {
            message: `the Pulumi SDK is not installed for ${root}; install it there with: npm ci --ignore-scripts`,
        });
    });
});
