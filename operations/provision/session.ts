import { setTimeout as delay } from "node:timers/promises";
import { automation } from "@pulumi/pulumi";
import { engineSignal } from "./cancellation.ts";
import { openStack, workDirectory } from "./engine.ts";
import type { EngineSettings } from "./engine.ts";
import { areGone, engineLocks } from "./engineLock.ts";
import type { OperationName, ProgressDetail, ProgressEvent } from "./events.ts";
import { OperationFailure } from "./failure.ts";
import { Journal } from "./journal.ts";
import { takeLock } from "./lock.ts";
import { Progress } from "./progress.ts";
import type { Phase } from "./phases.ts";
import { ATTEMPTS, reasonToRepeat, waitBefore } from "./retry.ts";
import { pendingOperations } from "./stackState.ts";

/** How to run an operation. */
export interface RunOptions {
    /** Gets every event as it happens. */
    readonly onEvent?: (event: ProgressEvent) => void;
    /** Ends the operation: the engine finishes what it has begun with a provider, records it, and stops. */
    readonly signal?: AbortSignal;
}

/** What every operation passes to the engine. */
export interface EngineRun {
    readonly onEvent: (event: automation.EngineEvent) => void;
    readonly signal: AbortSignal;
}

/** A run of the engine that may be repeated. */
type Run<T> = (run: EngineRun) => Promise<T>;

/** How many resources were changed, by what was done: `create`, `update`, `replace`, `delete`, …. */
export type Changes = Readonly<Partial<Record<string, number>>>;

/** An operation on one stack: holds its lock, tells its events, and runs the engine. */
export class Session {
    readonly stack: automation.Stack;
    readonly directory: string;
    readonly signal: AbortSignal;
    readonly #tell: (event: ProgressDetail) => void;
    readonly #changes: Partial<Record<string, number>> = {};

    constructor(
        stack: automation.Stack,
        directory: string,
        signal: AbortSignal,
        tell: (event: ProgressDetail) => void,
    ) {
        this.stack = stack;
        this.directory = directory;
        this.signal = signal;
        this.#tell = tell;
    }

    /** What all updates have changed so far, those that failed included. */
    get changes(): Changes {
        return this.#changes;
    }

    tell(event: ProgressDetail): void {
        this.#tell(event);
    }

    /** Runs something that takes the backend's lock once, with the lock of an engine that died taken away. */
    async once<T>(run: Run<T>, onEvent: EngineRun["onEvent"] = () => undefined): Promise<T> {
        const runEngine = async () => {
            this.signal.throwIfAborted();
            const result = await run({ onEvent, signal: engineSignal(this.signal) });
            // The engine ends a destroy that is cancelled with exit code 0, whatever it has left.
            this.signal.throwIfAborted();
            return result;
        };
        try {
            return await runEngine();
        } catch (error) {
            if (!(error instanceof Error) || !isLockRefusal(error)) throw error;
            const locks = engineLocks(error.message);
            if (!(await areGone(locks))) {
                const [lock] = locks;
                throw new OperationFailure(
                    "locked",
                    lock === undefined
                        ? "another update of this stack is in progress"
                        : `another engine works on this stack: ${lock.user}@${lock.host} (pid ${lock.pid}) since ${lock.since}`,
                    "wait until it is done; if that machine is gone: pulumi cancel",
                    { cause: error },
                );
            }
            this.#tell({
                type: "message",
                severity: "warning",
                text: "the engine of an earlier run died; its lock in the backend was taken away",
            });
            await this.stack.cancel();
            return await runEngine();
        }
    }

    /**
     * Runs an update of the engine, and repeats it where its failure is known to have done nothing.
     *
     * @param planned - steps by phase, for the progress
     * @returns the changes made, by all attempts
     * @throws OperationFailure
     */
    async update(run: Run<unknown>, planned?: ReadonlyMap<Phase, number>): Promise<Changes> {
        const changes: Partial<Record<string, number>> = {};
        for (let attempt = 1; ; attempt++) {
            const progress = new Progress(this.#tell, planned);
            this.#tell({ type: "started", pid: process.pid, total: progress.total });
            try {
                await this.once(run, (event) => {
                    progress.take(event);
                });
                return changes;
            } catch (error) {
                if (error instanceof OperationFailure) throw error;
                if (this.signal.aborted) throw cancelled(error, await this.#pending());
                await this.#orRepeat(error, progress, attempt);
            } finally {
                count(progress.changes, changes);
                count(progress.changes, this.#changes);
            }
        }
    }

    async #pending(): Promise<number> {
        return (await pendingOperations(this.stack)).length;
    }

    async #orRepeat(error: unknown, progress: Progress, attempt: number): Promise<void> {
        const pending = await this.#pending();
        const { failures } = progress;
        const reason = reasonToRepeat({ failures, pending });
        if (reason === undefined || attempt >= ATTEMPTS) throw failed(error, failures, pending);
        const waitSeconds = waitBefore(attempt + 1);
        this.#tell({
            type: "retry",
            attempt: attempt + 1,
            attempts: ATTEMPTS,
            reason,
            waitSeconds,
        });
        await delay(waitSeconds * 1000, undefined, { signal: this.signal });
    }
}

/** Whether the backend's lock was held by another engine. */
function isLockRefusal(error: Error): boolean {
    return (
        error instanceof automation.ConcurrentUpdateError ||
        error.message.includes("the stack is currently locked by")
    );
}

/** Adds changes to others. */
function count(changes: Changes, to: Partial<Record<string, number>>): void {
    for (const [action, number = 0] of Object.entries(changes))
        to[action] = (to[action] ?? 0) + number;
}

/** @param pending - operations whose end the state does not know, since the engine was not left the time to record it */
function cancelled(cause: unknown, pending = 0): OperationFailure {
    return pending > 0
        ? new OperationFailure(
              "cancelled",
              `cancelled; ${pending} operations were begun whose end is not known`,
              "see what came of them: npx sovereign recover",
              { cause },
          )
        : new OperationFailure(
              "cancelled",
              "cancelled; what was begun is recorded",
              "repeat the command to go on where it stopped",
              { cause },
          );
}

function failed(cause: unknown, failures: readonly string[], pending: number): OperationFailure {
    const message =
        failures.length > 0
            ? failures.join("\n")
            : cause instanceof Error
              ? cause.message
              : String(cause);
    return pending > 0
        ? new OperationFailure(
              "unrecovered",
              `${message}\n${pending} operations were begun whose end is not known`,
              "see what came of them: npx sovereign recover",
              { cause },
          )
        : new OperationFailure(
              "failed",
              message,
              "what exists already is recorded; mend what the messages name, and repeat the command",
              { cause },
          );
}

/**
 * Runs an operation on a stack: one at a time, in the stack's own work directory, with a journal of its events.
 *
 * @param work - resolves to its result, and the changes for the last event
 * @throws OperationFailure
 */
export async function withStack<T>(
    settings: EngineSettings,
    {
        stack,
        operation,
        create = false,
    }: { readonly stack: string; readonly operation: OperationName; readonly create?: boolean },
    { onEvent, signal = new AbortController().signal }: RunOptions,
    work: (session: Session) => Promise<{
        readonly result: T;
        readonly changes: Changes;
    }>,
): Promise<T> {
    const begun = Date.now();
    const directory = workDirectory(settings, stack);
    const lock = await takeLock(directory, operation);
    const journal = new Journal(directory);
    const tell = (detail: ProgressDetail) => {
        const event = {
            time: new Date().toISOString(),
            stack,
            operation,
            ...detail,
        } as ProgressEvent;
        journal.write(event);
        onEvent?.(event);
    };
    let session: Session | undefined;
    const seconds = () => Math.round((Date.now() - begun) / 1000);
    try {
        await journal.open();
        if (lock.takenOverFrom)
            tell({
                type: "message",
                severity: "warning",
                text: `the lock of a process that died (${lock.takenOverFrom.command}, pid ${lock.takenOverFrom.pid}) was taken over`,
            });
        const opened = await open(settings, stack, create);
        session = new Session(opened, directory, signal, tell);
        const { result, changes } = await work(session);
        tell({ type: "finished", outcome: "succeeded", changes, seconds: seconds() });
        return result;
    } catch (error) {
        const problem =
            signal.aborted && !(error instanceof OperationFailure) ? cancelled(error) : error;
        tell({
            type: "finished",
            outcome:
                problem instanceof OperationFailure && problem.kind === "cancelled"
                    ? "cancelled"
                    : "failed",
            changes: session?.changes ?? {},
            seconds: seconds(),
            problem: problem instanceof Error ? problem.message : String(problem),
        });
        throw problem;
    } finally {
        await journal.flush();
        await lock.release();
    }
}

async function open(settings: EngineSettings, stack: string, create: boolean) {
    try {
        return await openStack(settings, stack, create);
    } catch (error) {
        if (!(error instanceof automation.StackNotFoundError)) throw error;
        throw new OperationFailure(
            "invalid",
            `there is no stack ${stack} in ${settings.backend ?? "the backend that pulumi is logged in to"}`,
            "provision it first: npx sovereign provision --request <file>",
            { cause: error },
        );
    }
}
