/**
 * Proves that each of these configurations is refused, with exactly the message that the person reads: key, what was found,
 * what is expected, the command that mends it. Whether the commands mend it is proved in `remedies.test.ts`.
 */
import assert from "node:assert/strict";
import { MINIMAL } from "../../support/stackFixtures.ts";
import { REFUSED } from "./refused/all.ts";
import { refusalOf } from "./refused/refusal.ts";

for (const [concern, cases] of Object.entries(REFUSED))
    describe(`refused configuration: ${concern}`, () => {
        for (const { name, change, message } of cases)
            it(name, () => {
                const error = refusalOf({ ...MINIMAL, ...change });
                assert.deepEqual(error?.message.split("\n").slice(1), message);
            });
    });
