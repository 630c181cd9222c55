import assert from "node:assert/strict";
import type { AccountState } from "../../../../lab/dynadot/accountState.ts";
import type { FaultRow } from "./faultTable.ts";
import type { FaultWorld } from "./faultWorld.ts";
import type { KeptDelegation, RunResult, VirtualProvider } from "./virtualProvider.ts";

/** A run of the engine that faults hit, and what is true after the next one. */
export interface FaultedRun {
    /** What was there before: the state, where there is one. */
    readonly prepare: (provider: VirtualProvider) => Promise<KeptDelegation | undefined>;
    readonly run: (
        provider: VirtualProvider,
        kept: KeptDelegation | undefined,
        signal: AbortSignal,
    ) => Promise<RunResult>;
    /** Runs once more, without faults, and asserts. `hit` says whether the fault came about. */
    readonly finish: (provider: VirtualProvider, result: RunResult, hit: boolean) => Promise<void>;
}

/**
 * Runs once without a fault, which counts the requests, and then once for each of them with the row hitting that one. After
 * each, no secret may have been said anywhere.
 */
export async function atEveryRequest(
    world: FaultWorld,
    base: AccountState,
    row: FaultRow,
    { prepare, run, finish }: FaultedRun,
): Promise<void> {
    let count = 0;
    const kept = await prepare(await world.reset(base));
    const prepared = structuredClone(world.emulator.dynadot.account);
    for (let index = -1; index < count; index++) {
        const provider = await world.reset(prepared, base);
        const signal = index < 0 ? new AbortController().signal : world.script(row, index);
        try {
            const result = await run(provider, kept, signal);
            const hit = index >= 0 && world.emulator.dynadot.faults.pending === 0;
            if (index < 0) {
                count = world.requests.length;
                assert.equal(result.error, undefined);
            }
            world.settle();
            await finish(provider, result, hit);
            await world.assertNoSecret([provider.said, result.kept, world.requests]);
        } catch (error) {
            const which = index < 0 ? "no fault" : `request ${index + 1} of ${count} ${row.name}`;
            const log = world.requests
                .map(({ operation, method, fault = "" }) => `${method} ${operation} ${fault}`)
                .join("; ");
            throw new Error(`${which}: ${String(error)}\n${log}\n${provider.said.join("\n")}`, {
                cause: error,
            });
        }
    }
    assert.ok(count > 0, "the run makes no request");
}
