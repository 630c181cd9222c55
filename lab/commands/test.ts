import { join } from "node:path";
import PQueue from "p-queue";
import { CLONE } from "../toolchain/directories.ts";
import { SetupError } from "../toolchain/setupError.ts";
import { duration } from "../toolchain/steps.ts";
import { ensureToolchain } from "../toolchain/toolchain.ts";
import type { Toolchain } from "../toolchain/toolchain.ts";
import { runChecks } from "./checks.ts";
import { BROKEN, runMocha } from "./mochaRun.ts";
import { say } from "./session.ts";
import type { CommandOptions } from "./session.ts";
import { shares, testFiles } from "./testShares.ts";
import { TIERS, summary, total } from "./testTiers.ts";
import type { Counts, Tier, TierResult } from "./testTiers.ts";

/** Processes that run side by side: labs wait for each other's answers much of the time, so two fit on two cores. */
const SIDE_BY_SIDE = 2;

/** How many mocha processes a tier with labs is dealt out to: enough that none is long. */
const SHARES = 24;

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
        const begun = Date.now();
        const counts = await runTier(tier, tier.needsToolchain ? building : undefined, options);
        const result = { tier: tier.name, ...counts, milliseconds: Date.now() - begun };
        results.push(result);
        if (options.signal.aborted) break;
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

/** Runs one tier, once there is the toolchain that it needs. */
async function runTier(
    tier: Tier,
    building: Promise<Toolchain> | undefined,
    { signal }: CommandOptions,
): Promise<Counts> {
    if (tier.name === "check") return await runChecks();
    let toolchain: Toolchain | undefined;
    try {
        toolchain = await building;
    } catch (error) {
        const remedy = error instanceof SetupError ? `\n  what to do: ${error.remedy}` : "";
        say(`[${tier.name}] there is no toolchain: ${(error as Error).message}${remedy}`);
        return BROKEN;
    }
    const files = await testFiles(join(CLONE, "tests", tier.name));
    const queue = new PQueue({ concurrency: SIDE_BY_SIDE });
    const dealt = shares(files, tier.needsToolchain ? SHARES : 1);
    const counts = await queue.addAll(
        dealt.map((share) => () => runMocha({ tier: tier.name, files: share, toolchain, signal })),
    );
    return total(counts);
}
