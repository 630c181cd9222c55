import { setTimeout as delay } from "node:timers/promises";
import type { VirtualClock } from "../../../../lab/dynadot/virtualClock.ts";
import type { Clock } from "../../../../provider/dns/dynadot/clock.ts";

/** Milliseconds that every sleep really takes, so that something which is under way elsewhere comes to its end. */
const REAL = 2;

/** The emulator's time as the provider's: what the provider sleeps passes there at once. */
export function virtualTime(clock: VirtualClock): Clock {
    return {
        now: () => clock.now(),
        async sleep(milliseconds, signal) {
            await delay(REAL, undefined, { signal });
            clock.advance(milliseconds / 1000);
        },
    };
}
