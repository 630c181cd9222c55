// Proves that apply.sh sends a plan to a server in recovery mode completely and in order, on an empty and on a filled store,
// stops it, and fails with the reason. The server is a double of what was observed of the real one.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, it } from "mocha";
import { stalwartPlan } from "../../components/mail/stalwartPlan.ts";
import type { StalwartSpec } from "../../components/mail/stalwartSpec.ts";
import { claimLabInstance, type LabInstance } from "../support/labInstance.ts";
import { mailSpec } from "../lab/mail/mailPod.ts";
import { chartPath } from "./helm.ts";

const SCRIPT = join(chartPath("stalwart-sovereign"), "files", "apply.sh");
const SERVER = join(import.meta.dirname, "recoveryServer.ts");

async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    server.close();
    await once(server, "close");
    assert.ok(address !== null && typeof address === "object");
    return address.port;
}

describe("apply.sh", function () {
    this.timeout(60_000);
    let lab: LabInstance;
    let spec: StalwartSpec;

    beforeEach(async () => {
        lab = await claimLabInstance();
        const file = (name: string) => join(lab.directory, name);
        await mkdir(file("plan"));
        spec = {
            ...mailSpec(),
            certificateFile: file("tls.crt"),
            keyFile: file("tls.key"),
            dkim: [{ selector: "r202611", algorithm: "rsa2048", keyFile: file("r202611.pem") }],
        };
        for (const name of ["tls.crt", "tls.key", "r202611.pem"]) await writeFile(file(name), "x");
        for (const [name, request] of Object.entries(stalwartPlan(spec)))
            await writeFile(file(`plan/${name}`), JSON.stringify(request));
    });
    afterEach(() => lab.release());

    async function apply(environment: Record<string, string> = {}) {
        const log = join(lab.directory, "log");
        await writeFile(log, "");
        const result = await execa(
            "bash",
            [
                SCRIPT,
                join(lab.directory, "plan"),
                process.execPath,
                SERVER,
                log,
                join(lab.directory, "state"),
            ],
            {
                reject: false,
                env: { STALWART_RECOVERY_MODE_PORT: String(await freePort()), ...environment },
            },
        );
        const sent = (await readFile(log, "utf8"))
            .split("\n")
            .filter((line) => line !== "")
            .map((line) => JSON.parse(line) as unknown);
        return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr, sent };
    }

    /** The plan's requests of these files, with the ids that the double gave. */
    function expected(files: readonly string[]): unknown[] {
        const plan = stalwartPlan(spec);
        return files.map((name) => {
            const id = name.includes("dom") ? "i0" : name.includes("noreply") ? "i1" : "i2";
            return JSON.parse(
                JSON.stringify(plan[name])
                    .replaceAll('"#dom"', name.includes("dom") ? '"#dom"' : '"i0"')
                    .replaceAll("@ID@", id),
            ) as unknown;
        });
    }

    it("creates everything on an empty store, in order, and stops the server", async () => {
        const { exitCode, stdout, stderr, sent } = await apply();
        assert.equal(exitCode, 0, stderr);
        assert.deepEqual(stdout.split("\n"), [
            "apply: dom created",
            "apply: noreply created",
            "apply: postmaster created",
            "apply: r0.json done",
            "apply: r1.json done",
            "apply: r2.json done",
            "apply: r3.json done",
        ]);
        assert.deepEqual(
            sent,
            expected([
                "e0-create-dom.json",
                "e1-create-noreply.json",
                "e2-create-postmaster.json",
                "r0.json",
                "r1.json",
                "r2.json",
                "r3.json",
            ]),
        );
        assert.ok(existsSync(join(lab.directory, "state")), "the server ended by SIGTERM");
    });

    it("updates what exists on a filled store", async () => {
        await apply();
        const { exitCode, stdout, stderr, sent } = await apply();
        assert.equal(exitCode, 0, stderr);
        assert.deepEqual(stdout.split("\n").slice(0, 3), [
            "apply: dom updated",
            "apply: noreply updated",
            "apply: postmaster updated",
        ]);
        assert.deepEqual(
            sent.slice(0, 6),
            expected([
                "e0-create-dom.json",
                "e0-update-dom.json",
                "e1-create-noreply.json",
                "e1-update-noreply.json",
                "e2-create-postmaster.json",
                "e2-update-postmaster.json",
            ]),
        );
    });

    it("fails with the server's reason, and without the password's hash", async () => {
        const { exitCode, stderr, sent } = await apply({ REFUSE: "create x:Account/set" });
        assert.equal(exitCode, 1);
        assert.match(stderr, /^apply: e1-create-noreply\.json: .*"invalidPatch"/);
        assert.match(stderr, /"secret":"…"/);
        assert.ok(!stderr.includes(spec.passwordHash));
        assert.equal(sent.length, 2);
    });

    it("fails when one of many calls of a request is refused", async () => {
        const { exitCode, stderr } = await apply({ REFUSE: "create x:MtaQueueQuota/set" });
        assert.equal(exitCode, 1);
        assert.match(stderr, /^apply: r3\.json: .*"notCreated"/);
    });

    it("changes nothing when a file that the plan names is missing", async () => {
        await writeFile(join(lab.directory, "r202611.pem"), "");
        const { exitCode, stderr, sent } = await apply();
        assert.equal(exitCode, 1);
        assert.equal(
            stderr,
            `apply: r0.json names ${join(lab.directory, "r202611.pem")}, which is missing or empty: check the Secrets of the pod`,
        );
        assert.deepEqual(sent, []);
    });

    it("fails at once when the server ends before it answers", async () => {
        const { exitCode, stderr } = await apply({ DIE: "at start" });
        assert.equal(exitCode, 1);
        assert.match(stderr, /apply: the server ended before it answered at http:\/\/127\.0\.0\.1/);
    });
});
