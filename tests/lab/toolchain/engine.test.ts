/**
 * Proves: the engine of the toolchain finds its language host and plugins and runs a TypeScript program with config and secrets, and
 * a program that fails is told as such. Runs the real CLI on a file backend of its own. Does not prove: anything about the Sovereign
 * program; the end-to-end tests run that.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PulumiCli } from "../../../lab/pulumiCli.ts";
import { CLONE } from "../../../lab/toolchain/directories.ts";
import { testToolchain } from "../../support/toolchain.ts";

const PROJECT = `name: engine-test
runtime:
  name: nodejs
  options:
    typescript: false
`;

const PROGRAM = `import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
const config = new pulumi.Config();
const key: tls.PrivateKey = new tls.PrivateKey("key", { algorithm: "ED25519" });
const word = new random.RandomPassword("word", { length: config.requireNumber("length") });
export const publicKey = key.publicKeyOpenssh;
export const length = word.result.apply((result) => result.length);
export const token = config.requireSecret("token");
`;

describe("the toolchain's engine", function () {
    this.timeout(120_000);
    let project: string;
    let stack: PulumiCli;
    before(async () => {
        project = await mkdtemp(join(tmpdir(), "sovereign-engine-"));
        await writeFile(join(project, "Pulumi.yaml"), PROJECT);
        await writeFile(join(project, "package.json"), '{"type":"module","main":"index.ts"}\n');
        await symlink(join(CLONE, "node_modules"), join(project, "node_modules"));
        stack = new PulumiCli({
            toolchain: await testToolchain(),
            directory: join(project, "state"),
            stack: "dev",
            passphrase: "engine-test",
            project,
        });
        await stack.ensureStack();
    });
    beforeEach(async () => {
        await writeFile(join(project, "index.ts"), PROGRAM);
    });
    after(async () => {
        await rm(project, { recursive: true });
    });

    async function succeed(...args: string[]): Promise<string> {
        const { exitCode, stdout, stderr } = await stack.run(args);
        assert.equal(exitCode, 0, `pulumi ${args.join(" ")}:\n${stdout}\n${stderr}`);
        return stdout;
    }

    it("runs a program with config and secrets, and finds nothing to do afterwards", async () => {
        await succeed("config", "set", "length", "12");
        await succeed("config", "set", "--secret", "token", "hush");
        await succeed("up", "--yes", "--skip-preview");
        await succeed("preview", "--expect-no-changes");
        const outputs = (await stack.json(["stack", "output"])) as Record<string, unknown>;
        assert.match(String(outputs.publicKey), /^ssh-ed25519 /);
        assert.deepEqual([outputs.length, outputs.token], ["[secret]", "[secret]"]);
        const shown = (await stack.json(["stack", "output", "--show-secrets"])) as object;
        assert.deepEqual({ ...shown, publicKey: "" }, { publicKey: "", length: 12, token: "hush" });
        assert.doesNotMatch(await succeed("stack", "export"), /hush/);
    });

    it("makes the stack once", async () => {
        await stack.ensureStack();
        const stacks = await succeed("stack", "ls");
        assert.equal(stacks.match(/^dev/gm)?.length, 1);
    });

    it("tells a program's error once, with its message, and fails", async () => {
        // The SDK's source maps name files that do not exist, on which Node's coloured stacks never end (util.inspect).
        const program =
            'Error.prepareStackTrace = undefined;\nthrow new Error("no such sovereign");\n';
        await writeFile(join(project, "index.ts"), program);
        const { exitCode, stdout } = await stack.run(["preview"]);
        assert.notEqual(exitCode, 0);
        assert.match(stdout, /Error: no such sovereign/);
        assert.doesNotMatch(stdout, /the program ended with exit code/);
    });

    it("tells a program that ends without a word", async () => {
        await writeFile(join(project, "index.ts"), "process.exit(7);\n");
        const { exitCode, stdout } = await stack.run(["preview"]);
        assert.notEqual(exitCode, 0);
        assert.match(stdout, /the program ended with exit code 7/);
    });

    it("destroys what it made", async () => {
        await succeed("destroy", "--yes", "--skip-preview");
        const state = JSON.parse(await succeed("stack", "export")) as {
            deployment: { resources?: unknown[] };
        };
        assert.deepEqual(state.deployment.resources ?? [], []);
    });
});
