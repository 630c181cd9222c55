import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { CLONE } from "../toolchain/directories.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { say } from "./session.ts";
import type { Counts } from "./testTiers.ts";

const countsSchema = z.object({ passed: z.int(), failed: z.int() });

/** A run that told nothing counts as one failure. */
export const BROKEN: Counts = { passed: 0, failed: 1 };

/** A run that was interrupted fails as a whole, not once for each of its processes. */
const INTERRUPTED: Counts = { passed: 0, failed: 0 };

/** How many files of a process are named. */
const NAMED = 4;

export interface MochaRun {
    /** Name of the tier, which every line of progress begins with. */
    readonly tier: string;
    readonly files: readonly string[];
    /** What the tests find on their PATH, besides what is there. */
    readonly toolchain: Toolchain | undefined;
    readonly signal: AbortSignal;
}

/**
 * Runs files of tests in one mocha process. Lines of progress are shown as they come; all else, such as what failed, once the process has
 * ended, since several run side by side.
 */
export async function runMocha(run: MochaRun): Promise<Counts> {
    const { tier, files, toolchain, signal } = run;
    if (signal.aborted) return INTERRUPTED;
    const scratch = await mkdtemp(join(tmpdir(), "sovereign-test-"));
    const counts = join(scratch, "counts.json");
    const kept: string[] = [];
    try {
        const running = execa(
            process.execPath,
            [
                "--disable-warning=ExperimentalWarning",
                join(CLONE, "node_modules/mocha/bin/mocha.js"),
                "--reporter",
                join(CLONE, "lab/commands/mochaReporter.mjs"),
                "--reporter-option",
                `counts=${counts},tier=${tier}`,
                // Only these files: the spec of .mocharc.json is all of them.
                "--no-config",
                ...(await mochaSettings()),
                ...files,
            ],
            {
                cwd: CLONE,
                reject: false,
                stdin: "ignore",
                all: true,
                buffer: false,
                cancelSignal: signal,
                env: toolchain
                    ? { PATH: [...toolchain.path, process.env.PATH ?? ""].join(delimiter) }
                    : {},
            },
        );
        for await (const line of running.iterable({ from: "all" }))
            if (line.startsWith(`[${tier}] `)) say(line);
            else kept.push(line);
        const { exitCode } = await running;
        return await outcome(run, counts, exitCode);
    } finally {
        if (kept.some((line) => line.trim() !== "")) say(kept.join("\n"));
        await rm(scratch, { recursive: true, force: true });
    }
}

async function outcome(
    { tier, files, signal }: MochaRun,
    counts: string,
    exitCode: number | undefined,
): Promise<Counts> {
    const where = named(files);
    const found = await readFile(counts, "utf8").catch(() => undefined);
    if (found === undefined) {
        if (signal.aborted) return INTERRUPTED;
        say(
            `[${tier}] mocha ended with exit code ${exitCode ?? "none"} and ran no test of ${where}`,
        );
        return BROKEN;
    }
    const { passed, failed } = countsSchema.parse(JSON.parse(found));
    // What fails outside a test, such as a file that cannot be loaded, shows in the exit code alone.
    const hidden = failed === 0 && (exitCode !== 0 || passed === 0) ? 1 : 0;
    if (hidden > 0)
        say(`[${tier}] mocha ended with exit code ${exitCode ?? "none"} after tests of ${where}`);
    return { passed, failed: failed + hidden };
}

function named(files: readonly string[]): string {
    const shown = files.slice(0, NAMED).map((file) => relative(CLONE, file));
    const more = files.length - shown.length;
    return [...shown, ...(more > 0 ? [`${more} more files`] : [])].join(", ");
}

/** The flags of `.mocharc.json`, without its list of files. */
async function mochaSettings(): Promise<string[]> {
    const settings = JSON.parse(await readFile(join(CLONE, ".mocharc.json"), "utf8")) as Record<
        string,
        unknown
    >;
    return Object.entries(settings)
        .filter(([name]) => name !== "spec")
        .map(([name, value]) => {
            const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
            return value === true ? `--${flag}` : `--${flag}=${String(value)}`;
        });
}
