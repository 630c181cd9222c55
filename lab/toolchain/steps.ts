import { Listr, PRESET_TIMER, ProcessOutput } from "listr2";
import type { ListrTask } from "listr2";

/** One piece of work that a person watches. */
export interface Step {
    /** What is done. */
    readonly title: string;
    /** Why it is needed. */
    readonly purpose: string;
    /** Does it; `report` takes lines about how far it is. Resolves to what came out, in a few words. */
    readonly run: (report: (line: string) => void) => Promise<string>;
}

/** How steps are shown: by what standard error is, or not at all. */
export type Display = "auto" | "plain" | "silent";

/** Milliseconds between two signs of life where lines cannot be overwritten. */
const HEARTBEAT = 60_000;

/** `3 min 20 s`, `45 s`. */
export function duration(milliseconds: number): string {
    const seconds = Math.round(milliseconds / 1000);
    const minutes = Math.floor(seconds / 60);
    return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}

/**
 * Runs steps side by side and shows them on standard error: rewritten lines on a terminal, plain ones elsewhere. Waits for all
 * of them, also when one fails, so that what can be finished is.
 *
 * @param concurrency - how many run at a time
 * @throws the first failure
 */
export async function runSteps(
    steps: readonly Step[],
    concurrency: number,
    display: Display = "auto",
): Promise<void> {
    if (steps.length === 0) return;
    if (display === "auto" && process.stderr.isTTY) await onTerminal(steps, concurrency);
    else await plainly(steps, concurrency, display !== "silent");
}

async function onTerminal(steps: readonly Step[], concurrency: number): Promise<void> {
    const failures: unknown[] = [];
    const tasks = steps.map((step): ListrTask => ({
        title: `${step.title}: ${step.purpose}`,
        rendererOptions: { timer: PRESET_TIMER, outputBar: 1 },
        task: async (_context, task) => {
            try {
                const outcome = await step.run((line) => (task.output = line));
                task.title = `${step.title}: ${outcome}`;
            } catch (error) {
                failures.push(error);
                throw error;
            }
        },
    }));
    await new Listr(tasks, {
        concurrent: concurrency,
        exitOnError: false,
        renderer: "default",
        rendererOptions: {
            showErrorMessage: false,
            processOutput: new ProcessOutput(process.stderr, process.stderr),
        } as object,
    }).run();
    if (failures.length > 0) throw failures[0];
}

async function plainly(steps: readonly Step[], concurrency: number, shown: boolean): Promise<void> {
    const say = (line: string) => {
        if (shown) process.stderr.write(`${line}\n`);
    };
    const failures: unknown[] = [];
    const queue = [...steps];
    const worker = async () => {
        for (let step = queue.shift(); step; step = queue.shift()) {
            const { title, purpose } = step;
            const begun = Date.now();
            let last = "";
            say(`… ${title}: ${purpose}`);
            const heartbeat = setInterval(() => {
                say(`… ${title}: ${duration(Date.now() - begun)}, ${last}`);
            }, HEARTBEAT);
            try {
                const outcome = await step.run((line) => (last = line));
                say(`✔ ${title}: ${outcome} (${duration(Date.now() - begun)})`);
            } catch (error) {
                say(`✖ ${title}: failed after ${duration(Date.now() - begun)}`);
                failures.push(error);
            } finally {
                clearInterval(heartbeat);
            }
        }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    if (failures.length > 0) throw failures[0];
}
