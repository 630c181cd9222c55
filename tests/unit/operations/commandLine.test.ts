// Proves the command line as far as it needs no engine: help, exit codes, what is told of a request that is wrong, and that the
// request that docs/operations.md shows is valid.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, it } from "mocha";
import { EXIT_CODES } from "../../../operations/provision/failure.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** The request of docs/operations.md, with values in place of what a reader has to fill in. */
function documentedRequest(): string {
    const page = readFileSync(join(ROOT, "docs/operations.md"), "utf8");
    return (/```json\n([^`]*)```/.exec(page)?.[1] ?? "")
        .replace("<64 characters>", "t".repeat(64))
        .replace(/<SHA-256[^>]*>/, "a".repeat(64))
        .replace(/<key of[^>]*>/, "powerdns-key-of-a-test");
}

async function sovereign(args: readonly string[], input = "") {
    const { exitCode, stdout, stderr } = await execa(
        process.execPath,
        [join(ROOT, "operations/cli/sovereign.mjs"), ...args],
        { input, reject: false },
    );
    return { exitCode, stdout, stderr };
}

describe("npx sovereign", function () {
    this.timeout(120_000);

    it("checks the request that the documentation shows", async () => {
        const { exitCode, stdout, stderr } = await sovereign(
            ["check", "--request", "-"],
            documentedRequest(),
        );
        assert.equal(exitCode, 0, stderr);
        assert.deepEqual(JSON.parse(stdout), {
            stack: "omantel-omani-works",
            fqdn: "omantel.omani.works",
            valid: true,
        });
    });

    it("tells every problem of a request, what to do, and never a value that is secret", async () => {
        const wrong = documentedRequest()
            .replace('"fsn1"', '"mars"')
            .replace("t".repeat(64), "a secret with spaces");
        const { exitCode, stdout, stderr } = await sovereign(["check", "--request", "-"], wrong);
        assert.equal(exitCode, EXIT_CODES.invalid);
        assert.equal(stdout, "");
        assert.match(stderr, /^error: 2 problems in the request$/m);
        assert.match(stderr, /^ {2}region: found "mars"; expected a location of Hetzner/m);
        assert.match(stderr, /^ {2}hetznerToken: found /m);
        assert.match(stderr, /^ {2}what to do: correct the fields named/m);
        assert.ok(!stderr.includes("a secret with spaces"));
    });

    it("ends with 2 where it was not asked for anything that it can do", async () => {
        const broken = '{"hetznerToken": "secret-of-a-test", ';
        for (const [args, input, message] of [
            [["fly"], "", /unknown command 'fly'/],
            [["check"], "", /no request is given/],
            [["outputs"], "", /no stack is given/],
            [["check", "--request", "-"], broken, /the request - is not JSON/],
            [["check", "--request", "/nowhere.json"], "", /\/nowhere\.json cannot be read/],
            [["status", "--lab", "many"], "", /a lab's number is 0 to 63/],
        ] as const) {
            const { exitCode, stderr } = await sovereign(args, input);
            assert.equal(exitCode, EXIT_CODES.invalid, args.join(" "));
            assert.match(stderr, message);
            assert.ok(!stderr.includes("secret-of-a-test"));
        }
    });

    it("says in its help what each command does and what the exit codes mean", async () => {
        const { exitCode, stdout } = await sovereign(["--help"]);
        assert.equal(exitCode, 0);
        for (const name of [
            "check",
            "preview",
            "provision",
            "refresh",
            "destroy",
            "recover",
            "outputs",
            "status",
        ])
            assert.match(stdout, new RegExp(`^ {2}${name} \\[options\\]`, "m"));
        for (const code of Object.values(EXIT_CODES))
            assert.match(stdout, new RegExp(`\\b${code} `), String(code));
    });
});
