import assert from "node:assert/strict";
import type { FaultRow } from "./faultTable.ts";
import type { KeptDelegation, RunResult, VirtualProvider } from "./virtualProvider.ts";

/** An emulated registrar on virtual time, and providers that use it. `Account` is everything that it remembers. */
export interface RequestWorld<Account> {
    /** Begins anew with this account; `past` is what readings see that lag behind. */
    reset(account: Account, past?: Account): Promise<VirtualProvider>;
    /** What it remembers now; never changed in place. */
    readonly account: Account;
    /** Requests since the last {@link reset}. */
    readonly requests: readonly {
        readonly operation: string;
        readonly method: string;
        readonly fault?: string;
    }[];
    /** Lets the row hit the request with this index from now on; the signal ends the process where the row says so. */
    script(row: FaultRow, index: number): AbortSignal;
    /** Requests that a row is still to hit. */
    readonly pending: number;
    /** Time passes until nothing of what went wrong is left. */
    settle(): void;
    /** Asserts that no secret is in what was said and kept, or anywhere else that outlives the run. */
    assertNoSecret(texts: readonly unknown[]): Promise<void>;
}

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
export async function atEveryRequest<Account>(
    world: RequestWorld<Account>,
    base: Account,
    row: FaultRow,
    { prepare, run, finish }: FaultedRun,
): Promise<void> {
    let count = 0;
    const kept = await prepare(await world.reset(base));
    const prepared = world.account;
    for (let index = -1; index < count; index++) {
        const provider = await world.reset(prepared, base);
        const signal = index < 0 ? new AbortController().signal : world.script(row, index);
        try {
            const result = await run(provider, kept, signal);
            const hit = index >= 0 && world.pending === 0;
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
