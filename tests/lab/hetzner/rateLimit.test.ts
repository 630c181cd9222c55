// Proves the rate limit's bucket, and the answer when it is empty. The headers are in requests.test.ts.
// Does not prove that a client waits as the headers tell it.
import assert from "node:assert/strict";
import { RateLimit } from "../../../lab/hetzner/http/rateLimit.ts";
import { startCloud } from "./cloudFixture.ts";

describe("lab/hetzner rate limit", () => {
    it("gives one request back per second, and never more than the limit", () => {
        let now = 1_000_000;
        const limit = new RateLimit(3, 1, () => now);
        const take = () => {
            const { remaining, exceeded } = limit.take("p");
            return exceeded ? "exceeded" : remaining;
        };
        assert.deepEqual([take(), take(), take(), take()], [2, 1, 0, "exceeded"]);
        assert.equal(limit.take("other").remaining, 2);
        now += 1000;
        assert.deepEqual([take(), take()], [0, "exceeded"]);
        now += 60_000;
        assert.deepEqual(limit.take("p"), {
            limit: 3,
            remaining: 2,
            reset: now / 1000 + 1,
            exceeded: false,
        });
    });

    it("answers 429 when it is used up", async () => {
        const f = await startCloud({ rateLimit: 2, rateLimitRefill: 0.001 });
        try {
            await f.api.get("/locations");
            await f.api.get("/locations");
            await f.api.refused("GET", "/locations", undefined, {
                status: 429,
                code: "rate_limit_exceeded",
                message: "limit of 2 requests per hour reached",
            });
        } finally {
            await f.release();
        }
    });
});
