// Proves that serve.sh runs the server, passes signals and its exit code on, and ends it when the certificate is replaced, but not while it
// is missing. Does not prove that kubelet starts the container again.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, it } from "mocha";
import { eventually } from "../support/eventually.ts";
import { chartPath } from "./helm.ts";

const SCRIPT = join(chartPath("stalwart-sovereign"), "files", "serve.sh");

/** Says that it runs, and how it is ended. */
const SERVER = `trap 'echo ended; exit 3' TERM; echo runs; while :; do sleep 0.05; done`;

describe("serve.sh", function () {
    this.timeout(20_000);
    let folder: string;
    let certificate: string;

    beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), "sovereign-serve-"));
        certificate = join(folder, "tls.crt");
        await writeFile(certificate, "first\n");
    });
    afterEach(() => rm(folder, { recursive: true }));

    function serve(...server: string[]) {
        return execa("bash", [SCRIPT, certificate, ...server], {
            env: { SERVE_INTERVAL: "0.05" },
            reject: false,
        });
    }

    async function started() {
        const output = join(folder, "output");
        const script = serve("bash", "-c", `exec >${output}; ${SERVER}`);
        const shown = () => readFile(output, "utf8").catch(() => "");
        await eventually("the server", async () => {
            assert.equal(await shown(), "runs\n");
        });
        return { script, shown };
    }

    it("ends the server when the certificate is another one", async () => {
        const { script, shown } = await started();
        // As kubelet does: the new file takes the place of the old one.
        await writeFile(`${certificate}.new`, "second\n");
        await rename(`${certificate}.new`, certificate);
        const { exitCode, stdout } = await script;
        assert.equal(exitCode, 3);
        assert.equal(stdout, `serve: ${certificate} was replaced; the server starts again with it`);
        assert.equal(await shown(), "runs\nended\n");
    });

    it("lets it run while the file is missing, empty, or back as it was", async () => {
        const { script, shown } = await started();
        await rm(certificate);
        await writeFile(certificate, "");
        await writeFile(certificate, "first\n");
        script.kill("SIGTERM");
        const { stdout } = await script;
        assert.equal(stdout, "");
        assert.equal(await shown(), "runs\nended\n");
    });

    it("passes a signal on and ends with the server's exit code", async () => {
        const { script, shown } = await started();
        script.kill("SIGTERM");
        assert.equal((await script).exitCode, 3);
        assert.equal(await shown(), "runs\nended\n");
    });

    it("ends at once when the server ends by itself", async () => {
        assert.equal((await serve("bash", "-c", "exit 7")).exitCode, 7);
    });

    it("fails without a certificate", async () => {
        await rm(certificate);
        assert.equal((await serve("true")).exitCode, 1);
    });
});
