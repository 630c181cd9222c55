import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { CLONE } from "../toolchain/directories.ts";
import { SetupError } from "../toolchain/setupError.ts";
import { duration } from "../toolchain/steps.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { runChecks } from "./checks.ts";
import { say } from "./session.ts";
import type { CommandOptions } from "./session.ts";
import { TIERS, summary } from "./testTiers.ts";
import type { Tier, TierResult } from "./testTiers.ts";

const countsSchema = z.object({ passed: z.int(), failed: z.int() });
type Counts = z.infer<typeof countsSchema>;

/** A tier whose run told nothing counts as one failure. */
const BROKEN: Counts = { passed: 0, failed: 1 };

/**
 * `npm test [-- tier…]`: every tier, or those that are named. Tiers that need no toolchain run while it is built. The last line on
 * standard output is `N passed, N failed`; the exit code is 0 only when nothing failed.
 */
export async function test(options: CommandOptions, names: readonly string[]): Promise<number> {
    const tiers = chosen(names);
    const building = tiers.some((tier) => tier.needsToolchain)
        ? ensureToolchain({ display: "plain", signal: options.signal })
        : undefined;
    // Reported where it is awaited; until then a failure must not end the process.
    building?.catch(() => undefined);
    const results: TierResult[] = [];
    for (const tier of tiers) {
        if (options.signal.aborted) break;
        const begun = Date.now();
        const counts = await runTier(tier, tier.needsToolchain ? building : undefined, options);
        if (!counts) continue;
        const result = { tier: tier.name, ...counts, milliseconds: Date.now() - begun };
        results.push(result);
        say(
            `${result.failed === 0 ? "✔" : "✖"} ${tier.name} (${tier.purpose}): ${result.passed} passed, ${result.failed} failed, ${duration(result.milliseconds)}`,
        );
    }
    if (options.signal.aborted) results.push({ tier: "interrupted", ...BROKEN, milliseconds: 0 });
    process.stdout.write(`${summary(results)}\n`);
    return results.some((result) => result.failed > 0) ? 1 : 0;
}

function chosen(names: readonly string[]): readonly Tier[] {
    const unknown = names.find((name) => !TIERS.some((tier) => tier.name === name));
    if (unknown !== undefined)
        throw new SetupError(
            `there is no tier ${unknown}`,
            `name one of: ${TIERS.map((tier) => tier.name).join(", ")}`,
        );
    return names.length === 0 ? TIERS : TIERS.filter((tier) => names.includes(tier.name));
}

/** Runs one tier. Undefined where its folder does not exist. */
async function runTier(
    tier: Tier,
    building: Promise<Toolchain> | undefined,
    options: CommandOptions,
): Promise<Counts | undefined> {
    if (tier.name === "check") return await runChecks();
    if (!existsSync(join(CLONE, "tests", tier.name))) return undefined;
    let toolchain: Toolchain | undefined;
    try {
        toolchain = await building;
    } catch (error) {
        const remedy = error instanceof SetupError ? `\n  what to do: ${error.remedy}` : "";
        say(`[${tier.name}] there is no toolchain: ${(error as Error).message}${remedy}`);
        return BROKEN;
    }
    return await runMocha(tier, toolchain, options);
}

async function runMocha(
    tier: Tier,
    toolchain: Toolchain | undefined,
    { signal }: CommandOptions,
): Promise<Counts> {
    const scratch = await mkdtemp(join(tmpdir(), "sovereign-test-"));
    const counts = join(scratch, "counts.json");
    try {
        const { exitCode } = await execa(
            process.execPath,
            [
                "--disable-warning=ExperimentalWarning",
                join(CLONE, "node_modules/mocha/bin/mocha.js"),
                "--reporter",
                join(CLONE, "lab/commands/mochaReporter.mjs"),
                "--reporter-option",
                `counts=${counts},tier=${tier.name}`,
                // Only this tier's files: the spec of .mocharc.json is all of them.
                "--no-config",
                ...(await mochaSettings()),
                `tests/${tier.name}/**/*.test.ts`,
            ],
            {
                cwd: CLONE,
                reject: false,
                stdio: ["ignore", process.stderr, process.stderr],
                cancelSignal: signal,
                env: toolchain
                    ? { PATH: [...toolchain.path, process.env.PATH ?? ""].join(delimiter) }
                    : {},
            },
        );
        const found = await readFile(counts, "utf8").catch(() => undefined);
        if (found === undefined) {
            say(`[${tier.name}] mocha ended with exit code ${exitCode ?? "none"} and ran no test`);
            return BROKEN;
        }
        const { passed, failed } = countsSchema.parse(JSON.parse(found));
        // What fails outside a test, such as a file that cannot be loaded, shows in the exit code alone.
        const hidden = failed === 0 && (exitCode !== 0 || passed === 0) ? 1 : 0;
        if (hidden > 0) say(`[${tier.name}] mocha ended with exit code ${exitCode ?? "none"}`);
        return { passed, failed: failed + hidden };
    } finally {
        await rm(scratch, { recursive: true, force: true });
    }
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
