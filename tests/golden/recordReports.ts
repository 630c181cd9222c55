// Records the previews whose reports are golden, with the real engine in a lab of its own: `node tests/golden/recordReports.ts` (Node 22.18 or
// newer). A person runs it when the program or the engine writes other events than those on record, and reads the reports' diff afterwards.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CLONE } from "../../lab/toolchain/directories.ts";
import { EVENT_LOG_ENVIRONMENT } from "../../operations/report/previewStack.ts";
import { changePtr, labelServer } from "../support/editedByHand.ts";
import { thinEvents } from "../support/thinEvents.ts";
import { startTestLab, testStack } from "../support/toolchain.ts";

type Overrides = Readonly<Record<string, unknown>>;

const RECORDED = join(import.meta.dirname, "reports/recorded");

/** Seconds of the DKIM rotation. */
const TTL = 2;

const selectors = (first: string, second: string) => [
    { selector: "r1", algorithm: "rsa2048", state: first },
    { selector: "r2", algorithm: "rsa2048", state: second },
];

const lab = await startTestLab();
const scratch = await mkdtemp(join(tmpdir(), "sovereign-record-"));

async function pulumi(overrides: Overrides, ...args: string[]): Promise<number> {
    const stack = await testStack(lab.context, { overrides, environment: EVENT_LOG_ENVIRONMENT });
    const { exitCode, stdout, stderr } = await stack.run(args);
    process.stdout.write(`${args.slice(0, 2).join(" ")}: exit code ${exitCode}\n`);
    if (exitCode !== 0) process.stderr.write(`${stdout}\n${stderr}\n`);
    return exitCode;
}

async function record(name: string, overrides: Overrides, ...args: string[]): Promise<void> {
    const log = join(scratch, `${name}.jsonl`);
    await pulumi(overrides, ...args, "--event-log", log);
    await writeFile(join(RECORDED, `${name}.jsonl`), thinEvents(await readFile(log, "utf8")));
}

const preview = (name: string, overrides: Overrides, ...flags: string[]) =>
    record(name, overrides, "preview", "--policy-pack", join(CLONE, "policy"), ...flags);

const refresh = (name: string, overrides: Overrides) =>
    record(name, overrides, "refresh", "--preview-only");

async function up(overrides: Overrides): Promise<void> {
    const exitCode = await pulumi(overrides, "up", "--yes", "--skip-preview", "--suppress-outputs");
    if (exitCode !== 0) throw new Error("the lab's stack did not come up");
}

try {
    let base: Overrides = { dkimTtl: TTL, dkimSignatureLifetime: TTL };
    await preview("first-preview", base);
    await up(base);
    await preview("no-op", base);
    await refresh("no-drift", base);
    await preview("server-replacement", { ...base, generations: { w1: 2 } });
    await preview("larger-cluster", {
        ...base,
        workerCount: 2,
        platformValues: { images: { api: { tag: "next" } } },
    });
    await preview("policy-violation", { ...base, dmarcPolicy: "none" });
    await preview("refused", { ...base, generations: { cp1: 2 } });
    base = { ...base, dkim: selectors("active", "pending") };
    await up(base);
    await delay((TTL + 1) * 1000);
    await preview("dkim-rotation", { ...base, dkim: selectors("retiring", "active") });
    await changePtr(lab.hetzner.endpoint, "cp1", "static.elsewhere.example");
    await labelServer(lab.hetzner.endpoint, "w1", { edited: "by-hand" });
    await refresh("drift", base);
    await preview("ptr-change", base, "--refresh");
    base = { ...base, protect: false };
    await up(base);
    await preview("zone-deletion", { ...base, fqdn: "bankdhofar.example", epoch: 2 });
} finally {
    await lab.stop();
    await rm(scratch, { recursive: true, force: true });
}
process.exit(0);
