/**
 * Program: the process that a lab lives in. `--instance`, `--directory` and `--port-offset` say which lab; it writes to its
 * log and ends on SIGTERM, SIGINT or `POST /stop`, with exit code 0 when nothing of it is left.
 */
import { mkdir } from "node:fs/promises";
import { parseArgs } from "node:util";
import { labAddresses } from "../addresses.ts";
import { LAB_CREDENTIALS } from "../credentials.ts";
import { composeLab } from "../lab.ts";
import type { LabContext } from "../parts.ts";
import { CLONE } from "../toolchain/directories.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import { controlServer } from "./controlServer.ts";
import { LAB_MARK, identify, markedProcesses, terminate } from "./processIdentity.ts";
import { removeRecord, writeRecord } from "./record.ts";
import { Supervisor } from "./supervisor.ts";

const { values } = parseArgs({
    options: {
        instance: { type: "string" },
        directory: { type: "string" },
        "port-offset": { type: "string" },
    },
});
const directory = values.directory ?? "";
if (directory === "") throw new Error("--directory is missing");
const addresses = labAddresses(Number(values.instance), Number(values["port-offset"] ?? 0));

function log(part: string, message: string): void {
    process.stderr.write(`${new Date().toISOString()} ${part}: ${message}\n`);
}

process.env[LAB_MARK] = directory;
await mkdir(directory, { recursive: true });
const { binaries } = await ensureToolchain({ display: "silent" });
const context: LabContext = { addresses, binaries, credentials: LAB_CREDENTIALS, directory, log };
const startedAt = new Date().toISOString();
const supervisor = new Supervisor(context, composeLab(context).parts, {
    pid: process.pid,
    clone: CLONE,
    startedAt,
});

const control = controlServer({
    status: () => supervisor.status(),
    stop: () => void end("POST /stop"),
});

let ending: Promise<void> | undefined;
function end(why: string, code = 0): Promise<void> {
    ending ??= (async () => {
        log("supervisor", `stops: ${why}`);
        let exitCode = code;
        try {
            await supervisor.stop();
        } catch (error) {
            exitCode = 1;
            log("supervisor", error instanceof Error ? error.message : String(error));
        }
        await control.close();
        await removeRecord(directory);
        log("supervisor", "stopped");
        process.exit(exitCode);
    })();
    return ending;
}
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
    process.on(signal, () => void end(signal));

// The control address is also the lock of the lab's number: only one process can listen there.
await control.listen(addresses.control);
for (const left of await markedProcesses(directory)) {
    log("supervisor", `ends process ${left.pid}, left over from before: ${left.command}`);
    await terminate(left);
}
const self = await identify(process.pid);
if (!self) throw new Error("/proc does not know this process; is it mounted?");
await writeRecord(directory, {
    ...self,
    instance: addresses.instance,
    clone: CLONE,
    startedAt,
});
try {
    await supervisor.start();
    log("supervisor", "every part is ready");
} catch (error) {
    await end(error instanceof Error ? error.message : String(error), 1);
}
