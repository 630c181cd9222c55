import { LabChildProcess } from "./childProcess.ts";
import type { ChildProcessOptions } from "./childProcess.ts";
import type { Binary, LabProcess, PartStatus } from "./parts.ts";

/** What a part's process is called, and where its output goes. */
export interface PartProcessOptions {
    /** Name for people. */
    readonly name: string;
    readonly binary: Binary;
    /** File with its output. */
    readonly log: string;
}

/** The one process of a part of the lab: its way from stopped to ready and back, as the part's status tells it. */
export class PartProcess {
    readonly #options: PartProcessOptions;
    #child: LabChildProcess | undefined;
    #state: PartStatus["state"] = "stopped";

    constructor(options: PartProcessOptions) {
        this.#options = options;
    }

    /**
     * Brings the part up by what `start` does, unless its process runs already.
     *
     * @param stop - takes away what a start that fails has begun
     */
    async bringUp(start: () => Promise<void>, stop: () => Promise<void>): Promise<void> {
        if (this.#child?.running === true) return;
        this.#state = "starting";
        try {
            await start();
            this.#state = "ready";
        } catch (error) {
            await stop();
            this.#state = "failed";
            throw error;
        }
    }

    /** Starts the process. Throws what it said when it could not be started at all. */
    async start(
        options: Omit<ChildProcessOptions, "name" | "command" | "log">,
    ): Promise<LabChildProcess> {
        const { name, binary, log } = this.#options;
        this.#child = await LabChildProcess.start({ ...options, name, command: binary.path, log });
        return this.#child;
    }

    /** Resolves when it has ended. */
    async stop(): Promise<void> {
        await this.#child?.stop();
        this.#child = undefined;
        this.#state = "stopped";
    }

    /**
     * State and process, for the part's status. A part whose process has ended by itself has failed.
     *
     * @param version - as the process itself says it. @default the binary's
     */
    status(version = this.#options.binary.version): Pick<PartStatus, "state" | "processes"> {
        const { name, binary, log } = this.#options;
        const processes: LabProcess[] =
            this.#child?.running === true
                ? [{ name, pid: this.#child.pid, version, origin: binary.origin, log }]
                : [];
        const failed = this.#state === "ready" && processes.length === 0;
        return { state: failed ? "failed" : this.#state, processes };
    }
}
