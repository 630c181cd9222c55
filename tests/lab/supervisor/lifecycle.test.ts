/**
 * Proves: a lab starts in a process of its own, is found again, survives the end of who started it, is cleaned up after a crash,
 * refuses a second holder of its number, and leaves nothing behind when it stops. Runs the whole lab with its real programs. Does
 * not prove: what the lab's parts do.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { labAddresses } from "../../../lab/addresses.ts";
import { portOffset } from "../../../lab/portOffset.ts";
import { fetchStatus } from "../../../lab/supervisor/client.ts";
import { startLab, stopLab, supervisorLog } from "../../../lab/supervisor/lifecycle.ts";
import type { LabLocation } from "../../../lab/supervisor/lifecycle.ts";
import { labListeners } from "../../../lab/supervisor/listeners.ts";
import { identify, isRunning, markedProcesses } from "../../../lab/supervisor/processIdentity.ts";
import { readRecord } from "../../../lab/supervisor/record.ts";
import { CLONE } from "../../../lab/toolchain/directories.ts";
import { SetupError } from "../../../lab/toolchain/setupError.ts";
import { eventually } from "../../support/eventually.ts";
import { claimLabInstance } from "../../support/labInstance.ts";
import type { LabInstance } from "../../support/labInstance.ts";
import { testToolchain } from "../../support/toolchain.ts";

describe("the life of a lab", function () {
    this.timeout(120_000);
    let claim: LabInstance;
    let location: LabLocation;
    const lines: string[] = [];
    before(async () => {
        await testToolchain();
    });
    beforeEach(async () => {
        claim = await claimLabInstance();
        location = {
            instance: claim.instance,
            directory: claim.directory,
            portOffset: await portOffset(),
        };
        lines.length = 0;
    });
    afterEach(async () => {
        await stopLab(location);
        await claim.release();
    });

    const start = (options: { signal?: AbortSignal } = {}) =>
        startLab({ ...location, ...options, report: (line) => lines.push(line) });

    async function nothingIsLeft(): Promise<void> {
        assert.deepEqual(await markedProcesses(location.directory), []);
        assert.deepEqual(await labListeners(labAddresses(location.instance).prefix), []);
        assert.equal(await readRecord(location.directory), undefined);
    }

    it("begins with every part ready, is found again, and ends without a trace", async () => {
        const { status, started } = await start();
        assert.equal(started, true);
        assert.equal(lines.at(-1), "ready");
        assert.equal(status.state, "ready");
        assert.equal(status.clone, CLONE);
        assert.deepEqual(
            Object.entries(status.parts).map(([name, part]) => `${name} ${part.state}`),
            [
                "powerdns",
                "dynadot",
                "registry",
                "k3s-releases",
                "acme",
                "mailbox",
                "machines",
                "hetzner",
            ].map((name) => `${name} ready`),
        );
        const record = await readRecord(location.directory);
        assert.equal(record?.pid, status.pid);
        const again = await start();
        assert.deepEqual([again.started, again.status.pid], [false, status.pid]);
        assert.equal(await stopLab(location), true);
        await nothingIsLeft();
        assert.equal(await stopLab(location), false);
    });

    it("takes its processes along when it is killed, and the next start cleans up", async () => {
        const { status } = await start();
        const children = await markedProcesses(location.directory);
        assert.ok(children.length >= 3, "the supervisor, pdns_server and oci-registry");
        process.kill(status.pid, "SIGKILL");
        await eventually("the end of all its processes", async () => {
            assert.deepEqual(await markedProcesses(location.directory), []);
        });
        const record = await readRecord(location.directory);
        assert.ok(record, "the record of the crashed supervisor is still there");
        assert.equal(await isRunning(record), false);
        const second = await start();
        assert.equal(second.started, true);
        assert.notEqual(second.status.pid, status.pid);
    });

    it("is not started twice by two starts at the same time", async () => {
        const [a, b] = await Promise.all([start(), start()]);
        assert.equal(a.status.pid, b.status.pid);
        assert.deepEqual([a.started, b.started].sort(), [false, true]);
    });

    it("is refused to another clone, with who holds it and what to do", async () => {
        const { status } = await start();
        const other = { ...location, directory: join(location.directory, "other-clone") };
        for (const attempt of [
            () => startLab({ ...other, report: () => undefined }),
            () => stopLab(other),
        ])
            await assert.rejects(attempt, (error) => {
                assert.ok(error instanceof SetupError);
                assert.equal(
                    error.message,
                    `lab ${location.instance} is held by another clone, ${CLONE} (process ${status.pid}, since ${status.startedAt})`,
                );
                assert.ok(
                    error.remedy.startsWith(
                        `stop it there (cd ${CLONE} && npm run lab:stop -- --lab ${location.instance}), or use another number`,
                    ),
                );
                return true;
            });
        assert.ok(await identify(status.pid), "it still runs");
    });

    it("is stopped again when its start is interrupted", async () => {
        const abort = new AbortController();
        const started = start({ signal: abort.signal });
        await eventually(
            "the control server",
            async () => {
                assert.ok(await fetchStatus(labAddresses(location.instance, location.portOffset)));
            },
            { timeout: 30_000 },
        );
        abort.abort(new Error("interrupted"));
        await assert.rejects(started, { message: "interrupted" });
        await nothingIsLeft();
    });

    it("that does not start says why, with the end of its log and what to do", async () => {
        const { createServer } = await import("node:net");
        const { dynadot } = labAddresses(location.instance, location.portOffset);
        const squatter = createServer().listen(dynadot.port, dynadot.host);
        try {
            await assert.rejects(start(), (error) => {
                assert.ok(error instanceof SetupError);
                assert.match(
                    error.message,
                    /the lab's part dynadot did not start: .*cannot listen at/,
                );
                assert.match(error.remedy, /all of it: .*supervisor\.log/);
                return true;
            });
        } finally {
            await new Promise((closed) => squatter.close(closed));
        }
        assert.match(await readFile(supervisorLog(location.directory), "utf8"), /stopped$/m);
        await nothingIsLeft();
    });
});
