import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { once } from "node:events";

/** What is started, and where its output goes. */
export interface ChildProcessOptions {
    /** Name for people, used in errors. */
    readonly name: string;
    readonly command: string;
    readonly args: readonly string[];
    /** Options of setpriv(1) beside `--pdeathsig`, for example to give up privileges. @default [] */
    readonly privileges?: readonly string[];
    readonly workingDirectory?: string;
    /** Added to this process's environment. */
    readonly environment?: Readonly<Record<string, string>>;
    /** File that takes the output of this run; truncated at each start. */
    readonly log: string;
}

/** Milliseconds that a process has to end after SIGTERM before it is killed. */
const STOP_TIMEOUT = 10_000;

/** A process that ends when this one does: `setpriv --pdeathsig KILL` lets the kernel see to it. */
export class LabChildProcess {
    readonly #options: ChildProcessOptions;
    readonly #child: ChildProcess;
    readonly #ended: Promise<void>;

    private constructor(options: ChildProcessOptions, child: ChildProcess) {
        this.#options = options;
        this.#child = child;
        this.#ended = once(child, "exit").then(() => undefined);
    }

    /** Starts the process. Throws what it said when it could not be started at all. */
    static async start(options: ChildProcessOptions): Promise<LabChildProcess> {
        const log = await open(options.log, "w", 0o644);
        try {
            const child = spawn(
                "setpriv",
                [
                    "--pdeathsig",
                    "KILL",
                    ...(options.privileges ?? []),
                    options.command,
                    ...options.args,
                ],
                {
                    stdio: ["ignore", log.fd, log.fd],
                    env: { ...process.env, ...options.environment },
                    ...(options.workingDirectory === undefined
                        ? {}
                        : { cwd: options.workingDirectory }),
                },
            );
            await once(child, "spawn");
            return new LabChildProcess(options, child);
        } finally {
            await log.close();
        }
    }

    get pid(): number {
        return this.#child.pid ?? 0;
    }

    get running(): boolean {
        return this.#child.exitCode === null && this.#child.signalCode === null;
    }

    /** Resolves when the process has ended, for whatever reason. */
    get ended(): Promise<void> {
        return this.#ended;
    }

    /** Last lines of what it printed. */
    async lastOutput(lines = 15): Promise<string> {
        const text = await readFile(this.#options.log, "utf8").catch(() => "");
        return text.trimEnd().split("\n").slice(-lines).join("\n");
    }

    /**
     * Waits until `probe` resolves. Throws when the process ends first or the time is over, with its last output.
     *
     * @param timeout - milliseconds
     */
    async ready(probe: () => Promise<void>, timeout = 20_000): Promise<void> {
        const deadline = Date.now() + timeout;
        for (;;) {
            if (!this.running) throw await this.#failure("ended before it was ready");
            try {
                await probe();
                return;
            } catch (error) {
                if (Date.now() >= deadline)
                    throw await this.#failure(`was not ready after ${timeout} ms`, error);
            }
            await new Promise((resolve) => setTimeout(resolve, 25));
        }
    }

    /** SIGTERM, and SIGKILL when that is not enough. Resolves when the process is gone. */
    async stop(): Promise<void> {
        if (!this.running) return;
        this.#child.kill("SIGTERM");
        const kill = setTimeout(() => this.#child.kill("SIGKILL"), STOP_TIMEOUT);
        await this.#ended;
        clearTimeout(kill);
    }

    async #failure(what: string, cause?: unknown): Promise<Error> {
        const { name, log } = this.#options;
        return new Error(
            `${name} ${what}. Its log is ${log}; it ends with:\n${await this.lastOutput()}`,
            { cause },
        );
    }
}
