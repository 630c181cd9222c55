import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

export interface ProcessOptions {
    /** Short name for people, for example `etcd`. */
    readonly name: string;
    readonly path: string;
    readonly args: readonly string[];
    readonly log: string;
    readonly cwd: string;
    readonly environment?: Readonly<Record<string, string>>;
    /** Told of every end that nobody asked for. */
    onExit?(description: string, restartIn: number): void;
}

/** First wait before a restart, in milliseconds; doubles up to {@link MAX_BACKOFF}. */
const FIRST_BACKOFF = 1_000;
const MAX_BACKOFF = 30_000;
/** A process that lived this long starts with the first wait again, in milliseconds. */
const STABLE = 60_000;

/**
 * A child process that is started again when it ends by itself, like systemd's `Restart=always` with growing waits, and
 * that the kernel kills when the lab dies (`setpriv --pdeathsig`).
 */
export class SupervisedProcess {
    readonly options: ProcessOptions;
    #child: ChildProcess | undefined;
    #timer: NodeJS.Timeout | undefined;
    #stopped = true;
    #backoff = FIRST_BACKOFF;
    #restarts = 0;

    constructor(options: ProcessOptions) {
        this.options = options;
    }

    get pid(): number | undefined {
        return this.#child?.pid;
    }

    /** How often it was started again. */
    get restarts(): number {
        return this.#restarts;
    }

    start(): void {
        this.#stopped = false;
        mkdirSync(dirname(this.options.log), { recursive: true });
        const log = openSync(this.options.log, "a");
        const started = Date.now();
        const child = spawn(
            "setpriv",
            ["--pdeathsig", "KILL", this.options.path, ...this.options.args],
            {
                cwd: this.options.cwd,
                stdio: ["ignore", log, log],
                // A group of its own, so that Ctrl-C in a terminal reaches the lab alone, which stops things in order.
                detached: true,
                env: {
                    PATH: process.env.PATH ?? "",
                    HOME: this.options.cwd,
                    ...this.options.environment,
                },
            },
        );
        closeSync(log);
        this.#child = child;
        const ended = (description: string) => {
            if (this.#child !== child) return;
            this.#child = undefined;
            if (this.#stopped) return;
            if (Date.now() - started > STABLE) this.#backoff = FIRST_BACKOFF;
            this.options.onExit?.(description, this.#backoff);
            this.#timer = setTimeout(() => {
                this.#restarts++;
                this.start();
            }, this.#backoff);
            this.#backoff = Math.min(this.#backoff * 2, MAX_BACKOFF);
        };
        child.once("exit", (code, signal) => {
            ended(signal ? `was ended by ${signal}` : `exited with ${code ?? "nothing"}`);
        });
        child.once("error", (error) => {
            ended(`could not be started: ${error.message}`);
        });
    }

    /** SIGTERM, then SIGKILL after `grace` milliseconds. Resolves when it has ended. Safe to call twice. */
    async stop(grace: number): Promise<void> {
        this.#stopped = true;
        clearTimeout(this.#timer);
        const child = this.#child;
        if (child?.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise<void>((resolve) => {
            child.once("exit", () => {
                resolve();
            });
            child.once("error", () => {
                resolve();
            });
        });
        child.kill("SIGTERM");
        const timer = setTimeout(() => child.kill("SIGKILL"), grace);
        await ended;
        clearTimeout(timer);
    }
}
