import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { labAddresses } from "../addresses.ts";
import type { LabAddresses } from "../addresses.ts";
import { CLONE } from "../toolchain/directories.ts";
import { SetupError } from "../toolchain/setupError.ts";
import { fetchStatus, requestStop } from "./client.ts";
import type { LabStatus } from "./labStatus.ts";
import { labListeners } from "./listeners.ts";
import { LAB_MARK, isRunning, markedProcesses, terminate } from "./processIdentity.ts";
import { readRecord, removeRecord } from "./record.ts";

/** Which lab, and where it keeps its state. */
export interface LabLocation {
    readonly instance: number;
    readonly directory: string;
    readonly portOffset: number;
}

export interface StartOptions extends LabLocation {
    /** Gets lines about how far it is. */
    readonly report: (line: string) => void;
    /** Ends a start that is under way; what was started is stopped again. */
    readonly signal?: AbortSignal;
}

/** Milliseconds for a lab to become ready, and for one to stop. */
const START_TIMEOUT = 120_000;
const STOP_TIMEOUT = 60_000;
const POLL = 100;

/** Lines of the log that a failure shows. */
const TAIL = 20;

/** The log of a lab's supervisor. */
export function supervisorLog(directory: string): string {
    return join(directory, "supervisor.log");
}

/**
 * Makes sure that the lab runs. A lab of this clone that serves already is left as it is.
 *
 * @returns its status, and whether this call started it
 * @throws SetupError where another clone holds the number, or a part does not start
 */
export async function startLab(
    options: StartOptions,
): Promise<{ readonly status: LabStatus; readonly started: boolean }> {
    const { instance, portOffset, directory, report } = options;
    const addresses = labAddresses(instance, portOffset);
    const running = await settle(addresses, directory);
    if (running) return { status: running, started: false };
    const child = await spawnSupervisor(options);
    try {
        const status = await untilReady(addresses, child, options);
        report("ready");
        // Where another start of the same clone was faster, its lab is as good as ours.
        return { status, started: status.pid === child.pid };
    } catch (error) {
        const other = await fetchStatus(addresses);
        if (other?.directory === directory && other.pid !== child.pid)
            return { status: await untilReady(addresses, undefined, options), started: false };
        // What went wrong first is what the person needs to know.
        await stopLab(options).catch(() => undefined);
        throw error;
    }
}

/** Waits for a lab at these addresses that is on its way up or down. Resolves to it once it serves, undefined when none does. */
async function settle(addresses: LabAddresses, directory: string): Promise<LabStatus | undefined> {
    const deadline = Date.now() + START_TIMEOUT;
    for (;;) {
        const status = await fetchStatus(addresses);
        if (!status) return undefined;
        refuseForeign(status, directory);
        if (status.state === "ready") return status;
        if (status.state === "failed") {
            await stopLab({
                instance: addresses.instance,
                directory,
                portOffset: addresses.portOffset,
            });
            return undefined;
        }
        if (Date.now() >= deadline)
            throw new SetupError(
                `lab ${addresses.instance} is still ${status.state} after ${START_TIMEOUT / 1000} s`,
                `look at its log, ${supervisorLog(directory)}, and stop it with: npm run lab:stop`,
            );
        await delay(POLL);
    }
}

function refuseForeign(status: LabStatus, directory: string): void {
    if (status.directory === directory) return;
    throw new SetupError(
        `lab ${status.instance} is held by another clone, ${status.clone} (process ${status.pid}, since ${status.startedAt})`,
        `stop it there (cd ${status.clone} && npm run lab:stop${status.instance === 0 ? "" : ` -- --lab ${status.instance}`}), or use another number here, 0 to 31: npm start -- --lab ${(status.instance + 1) % 32}`,
    );
}

async function spawnSupervisor(options: LabLocation): Promise<ChildProcess> {
    const { instance, directory, portOffset } = options;
    await mkdir(directory, { recursive: true });
    const log = await open(supervisorLog(directory), "a");
    try {
        const child = spawn(
            process.execPath,
            [
                "--disable-warning=ExperimentalWarning",
                join(CLONE, "lab/supervisor/main.ts"),
                "--instance",
                String(instance),
                "--directory",
                directory,
                "--port-offset",
                String(portOffset),
            ],
            {
                cwd: CLONE,
                // A session of its own: Ctrl-C in the terminal does not reach it.
                detached: true,
                stdio: ["ignore", log.fd, log.fd],
                env: { ...process.env, [LAB_MARK]: directory },
            },
        );
        child.unref();
        return child;
    } finally {
        await log.close();
    }
}

async function untilReady(
    addresses: LabAddresses,
    child: ChildProcess | undefined,
    { directory, report, signal }: StartOptions,
): Promise<LabStatus> {
    const deadline = Date.now() + START_TIMEOUT;
    let shown = "";
    for (;;) {
        signal?.throwIfAborted();
        const status = await fetchStatus(addresses);
        if (status) refuseForeign(status, directory);
        if (status?.state === "ready") return status;
        if (child && child.exitCode !== null) throw await startFailure(directory, "ended");
        if (Date.now() >= deadline)
            throw await startFailure(directory, `was not ready after ${START_TIMEOUT / 1000} s`);
        const parts = Object.entries(status?.parts ?? {});
        const line = parts.find(([, part]) => part.state === "starting")?.[0] ?? "";
        if (line !== shown && line !== "") report(`starting ${line}`);
        shown = line;
        await delay(POLL);
    }
}

async function startFailure(directory: string, what: string): Promise<SetupError> {
    const file = supervisorLog(directory);
    const text = await readFile(file, "utf8").catch(() => "");
    const tail = text.trimEnd().split("\n").slice(-TAIL).join("\n    ");
    return new SetupError(
        `the lab ${what}; its log ends with:\n    ${tail}`,
        `mend what the log says (all of it: ${file}) and repeat the command; to begin with an empty lab: rm -rf ${directory}`,
    );
}

/**
 * Stops the lab and everything that it started, also what a crash left behind, and makes sure that nothing runs or listens
 * any more. Its state stays in its directory.
 *
 * @returns whether anything was there to stop
 * @throws Error where something cannot be stopped
 */
export async function stopLab({ instance, directory, portOffset }: LabLocation): Promise<boolean> {
    const addresses = labAddresses(instance, portOffset);
    const status = await fetchStatus(addresses);
    if (status) {
        refuseForeign(status, directory);
        await requestStop(addresses);
    }
    const record = await readRecord(directory);
    let stopped = status !== undefined;
    if (record && (await isRunning(record))) {
        stopped = true;
        if (status) await untilEnded(() => isRunning(record));
        await terminate(record);
    }
    for (const left of await markedProcesses(directory)) {
        stopped = true;
        await terminate(left);
    }
    await removeRecord(directory);
    const listeners = await labListeners(addresses.prefix);
    if (listeners.length > 0) {
        const list = listeners.map((l) => `${l.protocol} ${l.address}:${l.port}`).join(", ");
        throw new SetupError(
            `lab ${instance} is stopped, but something still listens at its addresses: ${list}`,
            `it is no process of this lab; find it with: ss -lntup 'src ${addresses.prefix}.0.0/16'`,
        );
    }
    return stopped;
}

async function untilEnded(running: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + STOP_TIMEOUT;
    while ((await running()) && Date.now() < deadline) await delay(POLL);
}
