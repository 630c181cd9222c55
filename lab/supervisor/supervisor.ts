import type { LabContext, LabPart, PartStatus } from "../parts.ts";
import type { LabState, LabStatus } from "./labStatus.ts";

/** Who runs the lab. */
export interface SupervisorIdentity {
    readonly pid: number;
    readonly clone: string;
    readonly startedAt: string;
}

/** Starts the parts of a lab one after the other, each on those before it, and stops them in reverse. */
export class Supervisor {
    readonly #context: LabContext;
    readonly #parts: readonly LabPart[];
    readonly #identity: SupervisorIdentity;
    #state: LabState = "starting";
    #error: string | undefined;
    #stopped: Promise<void> | undefined;
    #starting: Promise<void> = Promise.resolve();

    constructor(context: LabContext, parts: readonly LabPart[], identity: SupervisorIdentity) {
        this.#context = context;
        this.#parts = parts;
        this.#identity = identity;
    }

    /**
     * Resolves when every part serves. Where one fails, those that serve already are stopped again.
     *
     * @throws Error that names the part
     */
    async start(): Promise<void> {
        this.#starting = this.#startParts();
        await this.#starting;
    }

    async #startParts(): Promise<void> {
        for (const part of this.#parts) {
            if (this.#state === "stopping") return;
            const begun = Date.now();
            this.#context.log(part.name, "starts");
            try {
                await part.start();
            } catch (cause) {
                const reason = cause instanceof Error ? cause.message : String(cause);
                this.#state = "failed";
                this.#error = `the lab's part ${part.name} did not start: ${reason}`;
                this.#context.log(part.name, this.#error);
                await this.#stopParts();
                throw new Error(this.#error, { cause });
            }
            this.#context.log(part.name, `is ready after ${Date.now() - begun} ms`);
        }
        if (this.#state === "starting") this.#state = "ready";
    }

    /** Resolves when nothing of the lab runs any more, also when it is still starting. Safe to call twice. */
    async stop(): Promise<void> {
        this.#stopped ??= this.#stop();
        await this.#stopped;
    }

    async #stop(): Promise<void> {
        if (this.#state !== "failed") this.#state = "stopping";
        await this.#starting.catch(() => undefined);
        await this.#stopParts();
    }

    async #stopParts(): Promise<void> {
        const failures: string[] = [];
        for (const part of this.#parts.toReversed()) {
            try {
                await part.stop();
            } catch (error) {
                failures.push(
                    `${part.name}: ${error instanceof Error ? error.message : String(error)}`,
                );
            }
        }
        if (failures.length === 0) return;
        for (const failure of failures)
            this.#context.log("supervisor", `does not stop: ${failure}`);
        throw new Error(`not every part stopped: ${failures.join("; ")}`);
    }

    status(): LabStatus {
        const parts: Record<string, PartStatus> = {};
        for (const part of this.#parts) parts[part.name] = part.status();
        const broken = Object.entries(parts).find(([, status]) => status.state === "failed")?.[0];
        const state = this.#state === "ready" && broken !== undefined ? "failed" : this.#state;
        const error =
            this.#error ?? (broken === undefined ? undefined : `the part ${broken} failed`);
        const { addresses, credentials, binaries, directory } = this.#context;
        return {
            state,
            ...(error === undefined ? {} : { error }),
            instance: addresses.instance,
            directory,
            ...this.#identity,
            addresses,
            credentials,
            binaries,
            parts,
        };
    }
}
