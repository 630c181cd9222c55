import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { labSettings, requestOfStack } from "../../operations/cli/labEngine.ts";
import type { EngineSettings } from "../../operations/provision/engine.ts";
import { openStack } from "../../operations/provision/engine.ts";
import type { ProgressEvent } from "../../operations/provision/events.ts";
import { readStackState } from "../../operations/provision/stackState.ts";
import type { StackState } from "../../operations/provision/stackState.ts";
import { CLONE } from "../../lab/toolchain/directories.ts";
import { killTree } from "../support/processTree.ts";
import { startTestLab, testStack, testToolchain } from "../support/toolchain.ts";
import type { TestLab } from "../support/toolchain.ts";

/** A run of the command line. */
export interface CommandRun {
    readonly child: ChildProcess;
    readonly events: readonly ProgressEvent[];
    /** Resolves when it has ended. */
    readonly ended: Promise<{
        readonly exitCode: number | null;
        readonly stdout: string;
        readonly stderr: string;
    }>;
    /** Ends it and everything that it has started, at once. */
    kill(): Promise<void>;
}

/** A lab, and the operations on it: as functions, and as the command line in a process of its own. */
export interface OperationsLab {
    readonly lab: TestLab;
    readonly settings: EngineSettings;
    /** The request of the `dev` stack. */
    readonly request: Readonly<Record<string, unknown>>;
    /** Runs the command line with `--json`. */
    run(args: readonly string[], input?: unknown): CommandRun;
    /** State of a stack, secrets encrypted. */
    state(stack: string): Promise<StackState>;
}

/**
 * Starts a lab of a test's own.
 *
 * @param overrides - config of the `dev` stack that is changed in the request
 */
export async function startOperationsLab(
    overrides: Readonly<Record<string, unknown>> = {},
): Promise<OperationsLab> {
    const lab = await startTestLab();
    try {
        const { directory } = lab.context;
        const settings = labSettings(await testToolchain(), directory);
        const request = await requestOfStack(await testStack(lab.context, { overrides }), "dev");
        return {
            lab,
            settings,
            request,
            run: (args, input) => runCommand(settings, args, input),
            state: async (stack) => await readStackState(await openStack(settings, stack, false)),
        };
    } catch (error) {
        await lab.stop();
        throw error;
    }
}

function runCommand(
    { work, backend = "", environment }: EngineSettings,
    args: readonly string[],
    input: unknown,
): CommandRun {
    const child = spawn(
        process.execPath,
        [
            join(CLONE, "operations/cli/sovereign.mjs"),
            ...args,
            ...(input === undefined ? [] : ["--request", "-"]),
            "--work",
            work,
            "--backend",
            backend,
            "--json",
        ],
        { env: { ...process.env, ...environment }, stdio: ["pipe", "pipe", "pipe"] },
    );
    child.stdin.end(input === undefined ? "" : JSON.stringify(input));
    const events: ProgressEvent[] = [];
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
        const lines = (rest + part).split("\n");
        rest = lines.pop() ?? "";
        events.push(...lines.map((line) => JSON.parse(line) as ProgressEvent));
    });
    const stderr = text(child.stderr);
    const exit = once(child, "close") as Promise<[number | null]>;
    return {
        child,
        events,
        ended: Promise.all([exit, stderr]).then(([[exitCode], errors]) => ({
            exitCode,
            stdout: rest,
            stderr: errors,
        })),
        kill: async () => {
            await killTree(child.pid ?? 0);
            await exit;
        },
    };
}
