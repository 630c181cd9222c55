// Proves that the lab's PowerDNS keeps what it holds over a restart and repairs its world, says who is in its way, notices that its
// server died, runs it with as little power as it needs, and never outlives its parent. Does not prove anything about the
// durability of SQLite when the machine itself loses power.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { PowerDns } from "../../../lab/powerdns/powerDns.ts";
import { PowerDnsApi } from "../../../lab/powerdns/powerDnsApi.ts";
import { NOBODY } from "../../../lab/powerdns/privileges.ts";
import { eventually } from "../../support/eventually.ts";
import { claimTestLab } from "../../support/labContext.ts";
import type { TestLab } from "../../support/labContext.ts";
import { delv } from "./nameServerPair.ts";

/** Effective user and capabilities of a process. */
async function power(pid: number): Promise<{ user: number; capabilities: bigint }> {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    return {
        user: Number(/^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1]),
        capabilities: BigInt(`0x${/^CapEff:\s+([0-9a-f]+)/m.exec(status)?.[1] ?? ""}`),
    };
}

/** CAP_NET_BIND_SERVICE of capabilities(7). */
const NET_BIND_SERVICE = 1n << 10n;

describe("PowerDns", function () {
    this.timeout(60_000);
    let lab: TestLab;
    let powerDns: PowerDns;
    let api: PowerDnsApi;

    before(async () => {
        lab = await claimTestLab();
        powerDns = new PowerDns(lab.context);
        await powerDns.start();
        const { addresses, credentials } = lab.context;
        api = new PowerDnsApi(addresses.powerdnsApi, credentials.powerdnsApiKey);
    });

    after(async () => {
        await powerDns.stop();
        await lab.release();
    });

    const check = (name: string, type: string) =>
        delv(lab.context.addresses, powerDns.trustAnchorFile, name, type);

    it("keeps its zones, keys and other people's records over a restart, and writes nothing", async () => {
        const { prefix } = lab.context.addresses;
        await powerDns.reverseDns.set(`${prefix}.2.2`, "kept.example");
        const zones = await powerDns.listZones();
        const anchor = powerDns.trustAnchor;
        await powerDns.stop();
        assert.deepEqual(powerDns.status().processes, []);
        await powerDns.stop();
        await powerDns.start();
        assert.deepEqual(await powerDns.listZones(), zones);
        assert.equal(powerDns.trustAnchor, anchor);
        await powerDns.reverseDns.set(`${prefix}.2.2`, null);
    });

    it("repairs what is missing of its world", async () => {
        await api.change("example.", [{ name: "omani.example.", type: "DS" }]);
        await api.deleteZone("openova.example.");
        await powerDns.stop();
        await powerDns.start();
        assert.match(await check("omani.example", "SOA"), /^; fully validated$/m);
        assert.match(await check("ns2.openova.example", "A"), /^; fully validated$/m);
    });

    it("says who is in the way when its address is taken", async () => {
        const { host, port } = lab.context.addresses.powerdnsApi;
        const second = new PowerDns(lab.context);
        await assert.rejects(
            second.start(),
            new Error(
                `PowerDNS' API cannot listen at ${host}:${port}: listen EADDRINUSE: address already in use ${host}:${port}. What does is shown by: ss -ltnp 'src ${host} and sport = :${port}'`,
            ),
        );
        assert.equal(second.status().state, "failed");
    });

    it("reports failed when the server was killed, and the API key nowhere", async () => {
        const [server] = powerDns.status().processes;
        assert.ok(server?.log !== undefined);
        const log = await readFile(server.log, "utf8");
        assert.ok(!log.includes(lab.context.credentials.powerdnsApiKey));
        assert.ok(!JSON.stringify(powerDns.status()).includes("powerdns-key"));
        process.kill(server.pid, "SIGKILL");
        await eventually("the part to notice", () => {
            assert.equal(powerDns.status().state, "failed");
        });
        await powerDns.start();
        assert.equal(powerDns.status().state, "ready");
    });

    it("lets the server end with the process that started it", async () => {
        await powerDns.stop();
        const module = join(import.meta.dirname, "../../../lab/powerdns/powerDns.ts");
        const program = `
            const { PowerDns } = await import(${JSON.stringify(module)});
            const context = JSON.parse(process.argv[1]);
            const powerDns = new PowerDns({ ...context, log() {} });
            await powerDns.start();
            console.log(powerDns.status().processes[0].pid);
            setInterval(() => {}, 1000);`;
        const parent = spawn(
            process.execPath,
            ["--input-type=module", "-e", program, "--", JSON.stringify(lab.context)],
            { stdio: ["ignore", "pipe", "inherit"] },
        );
        const [line] = (await once(parent.stdout, "data")) as [Buffer];
        const pid = Number(line.toString());
        assert.ok(pid > 0);
        parent.kill("SIGKILL");
        await eventually("pdns_server to be gone", async () => {
            await assert.rejects(stat(`/proc/${pid}`));
        });
    });

    it("runs without privileges, as nobody where others may reach its files", async () => {
        const root = process.getuid?.() === 0;
        const started = async (mode: number) => {
            await chmod(lab.context.directory, mode);
            await powerDns.start();
            const [server] = powerDns.status().processes;
            const found = await power(server?.pid ?? 0);
            await powerDns.stop();
            return found;
        };
        const most = root ? NET_BIND_SERVICE : (await power(process.pid)).capabilities;
        for (const [mode, user] of [
            [0o755, root ? NOBODY : process.getuid?.()],
            [0o700, process.getuid?.()],
            [0o755, root ? NOBODY : process.getuid?.()],
        ] as const)
            assert.deepEqual(await started(mode), { user, capabilities: most }, mode.toString(8));
    });
});
