// Proves: what the engine's cancellation ends at once and what it leaves time for, and that a queue never hides what something that has begun
// comes to. Does not prove it through a plugin process: provider/framework/framework.test.ts and provider/dns/interruptedDelegation.test.ts do.
import assert from "node:assert/strict";
import { once } from "node:events";
import { ProviderRuntime } from "../../../provider/framework/runtime.ts";
import { Turns } from "../../../provider/framework/turns.ts";

const URN = "urn:pulumi:test::sovereign::sovereign:test:Thing::thing";

describe("a cancellation", () => {
    it("ends waits at once, and requests when their grace is over", async () => {
        const runtime = new ProviderRuntime("1.0.0", [], 20);
        const { signal, waiting } = runtime.context(URN);
        runtime.cancel();
        assert.deepEqual([waiting.aborted, signal.aborted], [true, false]);
        await once(signal, "abort");
        assert.equal(signal.reason, waiting.reason);
    });

    it("ends at once what is asked for afterwards", () => {
        const runtime = new ProviderRuntime("1.0.0", []);
        runtime.cancel();
        runtime.cancel();
        for (const { signal, waiting } of [runtime.context(URN), runtime.context(URN, 60)])
            assert.deepEqual([waiting.aborted, signal.aborted], [true, true]);
    });

    it("ends waits of a call with a time limit, too, and the limit ends its requests", async () => {
        const runtime = new ProviderRuntime("1.0.0", []);
        const limited = runtime.context(URN, 0.01);
        await once(limited.signal, "abort");
        assert.deepEqual([limited.waiting.aborted, limited.timeoutSeconds], [true, 0.01]);
        const patient = runtime.context(URN, 60);
        runtime.cancel();
        assert.deepEqual([patient.waiting.aborted, patient.signal.aborted], [true, false]);
    });
});

describe("turns", () => {
    it("are taken one after the other, also after one that failed", async () => {
        const turns = new Turns();
        const order: string[] = [];
        const first = turns.take(async () => {
            order.push("first begins");
            await new Promise(setImmediate);
            order.push("first ends");
            throw new Error("refused");
        });
        const second = turns.take(() => Promise.resolve(order.push("second")));
        await assert.rejects(first, /^Error: refused$/);
        await second;
        assert.deepEqual(order, ["first begins", "first ends", "second"]);
    });

    it("give what has begun to its caller, though its signal is aborted", async () => {
        const turns = new Turns();
        const abort = new AbortController();
        const begun = turns.take(async () => {
            abort.abort();
            await new Promise(setImmediate);
            return "half done";
        }, abort.signal);
        assert.equal(await begun, "half done");
    });

    it("do not come any more once the signal is aborted", async () => {
        const turns = new Turns();
        const never = () => assert.fail("it was begun");
        await assert.rejects(turns.take(never, AbortSignal.abort(new Error("given up"))), {
            message: "given up",
        });
    });
});
