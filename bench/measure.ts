import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { PulumiCli } from "../lab/pulumiCli.ts";

/** One run of the CLI. All in milliseconds. */
export interface Sample {
    /** From the start of the CLI to its end. */
    readonly wall: number;
    /** How long the program's Node process ran, most of it waiting for the engine. */
    readonly programWall: number;
    /** Processor time that the program took. */
    readonly programCpu: number;
}

const clockSchema = z.object({ wall: z.number(), cpu: z.number() });

/** Preloaded into Node to take the time of the program. */
export const PROGRAM_CLOCK = join(import.meta.dirname, "programClock.mjs");

/** Environment in which runs of the CLI leave the program's times in `file`. */
export function clockEnvironment(file: string): Record<string, string> {
    return {
        NODE_OPTIONS: `--import=${PROGRAM_CLOCK}`,
        SOVEREIGN_PROGRAM_CLOCK: file,
    };
}

/**
 * Runs the CLI once and takes the times.
 *
 * @param clock - file of {@link clockEnvironment}
 * @throws Error with what the CLI said, where it fails
 */
export async function measure(
    stack: PulumiCli,
    args: readonly string[],
    clock: string,
): Promise<Sample> {
    await rm(clock, { force: true });
    const begun = performance.now();
    const { exitCode, stdout, stderr } = await stack.run(args);
    const wall = performance.now() - begun;
    if (exitCode !== 0)
        throw new Error(
            `pulumi ${args.join(" ")} ended with exit code ${exitCode}:\n${stdout}\n${stderr}`,
        );
    const lines = (await readFile(clock, "utf8").catch(() => "")).trim().split("\n");
    const times = lines.filter(Boolean).map((line) => clockSchema.parse(JSON.parse(line)));
    return {
        wall,
        programWall: times.reduce((sum, time) => sum + time.wall, 0),
        programCpu: times.reduce((sum, time) => sum + time.cpu, 0),
    };
}

/** The middle one of an odd number of values, the mean of the two middle ones otherwise. */
export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    const [low, high] = [sorted[Math.max(0, middle - 1)] ?? NaN, sorted[middle] ?? NaN];
    return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
