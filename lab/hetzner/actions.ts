import { setTimeout as delay } from "node:timers/promises";
import { ApiError, notFound } from "./errors.ts";
import type { Faults } from "./faults.ts";
import type { ActionRecord, ProjectState } from "./state/model.ts";
import type { StateStore } from "./state/store.ts";

/** Actions that a project keeps; older finished ones are forgotten. */
const KEPT = 2000;

export interface ActionSpec {
    readonly command: string;
    readonly resources: readonly { readonly id: number; readonly type: string }[];
    /** Changes the state as soon as the action begins. Skipped when a fault makes the action fail. */
    readonly apply?: () => void;
    /** Work at the end of the action's time. What it throws fails the action. */
    readonly finish?: () => void | Promise<void>;
    /** Servers that are locked while the action runs. */
    readonly locks?: readonly number[];
}

/** Runs the API's asynchronous actions (https://docs.hetzner.cloud/reference/cloud#actions). */
export class ActionRunner {
    /** Awaited before an action is reported as done, so that its effects are in force by then. */
    settled: () => Promise<void> = () => Promise.resolve();
    readonly #store: StateStore;
    readonly #faults: Faults;
    readonly #latencyMs: number;
    readonly #locks = new Map<number, number>();
    readonly #running = new Set<Promise<void>>();
    #abort = new AbortController();

    constructor(store: StateStore, faults: Faults, latencyMs: number) {
        this.#store = store;
        this.#faults = faults;
        this.#latencyMs = latencyMs;
    }

    /** Whether an action holds the server. */
    isLocked(server: number): boolean {
        return this.#locks.has(server);
    }

    /** Refuses with `locked` while an action holds the server. */
    checkUnlocked(server: number): void {
        if (this.isLocked(server))
            throw new ApiError("locked", "cannot perform operation because server is locked");
    }

    /** Begins one action and returns its record, running. */
    start(project: ProjectState, spec: ActionSpec): ActionRecord {
        const [action] = this.startChain(project, [spec]);
        if (action === undefined) throw new Error("an action without a specification");
        return action;
    }

    /** Begins actions that follow each other; all records exist at once. A failed one fails those after it. */
    startChain(project: ProjectState, specs: readonly ActionSpec[]): ActionRecord[] {
        const records = specs.map((spec) => this.#record(project, spec));
        const locks = specs.flatMap((spec) => spec.locks ?? []);
        for (const id of locks) this.#locks.set(id, (this.#locks.get(id) ?? 0) + 1);
        const work = this.#runChain(specs, records).finally(() => {
            for (const id of locks) {
                const count = (this.#locks.get(id) ?? 1) - 1;
                if (count > 0) this.#locks.set(id, count);
                else this.#locks.delete(id);
            }
            this.#running.delete(work);
        });
        this.#running.add(work);
        this.#store.changed();
        return records;
    }

    #record(project: ProjectState, spec: ActionSpec): ActionRecord {
        const record: ActionRecord = {
            id: this.#store.nextId(),
            command: spec.command,
            status: "running",
            progress: 0,
            started: new Date().toISOString(),
            finished: null,
            resources: [...spec.resources],
            error: null,
        };
        project.actions.push(record);
        if (project.actions.length > KEPT) {
            const oldest = project.actions.findIndex((action) => action.status !== "running");
            if (oldest >= 0) project.actions.splice(oldest, 1);
        }
        return record;
    }

    async #runChain(specs: readonly ActionSpec[], records: readonly ActionRecord[]): Promise<void> {
        let failure: ActionRecord["error"] = null;
        const { signal } = this.#abort;
        for (const [index, spec] of specs.entries()) {
            const record = records[index];
            if (record === undefined) continue;
            failure ??= await this.#run(spec, signal);
            if (signal.aborted) return;
            record.status = failure === null ? "success" : "error";
            record.error = failure;
            record.progress = 100;
            record.finished = new Date().toISOString();
            this.#store.changed();
        }
    }

    async #run(spec: ActionSpec, signal: AbortSignal): Promise<ActionRecord["error"]> {
        const fault = this.#faults.takeActionError(spec.command);
        if (fault === undefined) spec.apply?.();
        const latency = this.#latencyMs + this.#faults.takeActionDelay(spec.command);
        try {
            await delay(latency, undefined, { signal });
            if (fault !== undefined) return fault;
            await spec.finish?.();
            await this.settled();
            return null;
        } catch (error) {
            if (signal.aborted) return null;
            const code = error instanceof ApiError ? error.code : "action_failed";
            return { code, message: error instanceof Error ? error.message : String(error) };
        }
    }

    /** Ends all waiting; actions that were running stay so in the state and are settled by the next start. */
    async stop(): Promise<void> {
        this.#abort.abort();
        await Promise.allSettled(this.#running);
        this.#locks.clear();
        this.#abort = new AbortController();
    }
}

/** An action in the API's shape. */
export function actionView(action: ActionRecord) {
    return { ...action };
}

/** An action of the project by id. Throws `not_found`. */
export function findAction(project: ProjectState, id: string): ActionRecord {
    const action = project.actions.find((candidate) => candidate.id === Number(id));
    if (action === undefined) throw notFound("action", id);
    return action;
}
