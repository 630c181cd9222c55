import { setTimeout as delay } from "node:timers/promises";
import type { VirtualClock } from "../../../../lab/dynadot/virtualClock.ts";
import type { Clock } from "../../../../provider/dns/clock.ts";

/** Milliseconds that every sleep really takes, so that something which is under way elsewhere comes to its end. */
const REAL = 2;

/** The provider's time in a test. */
export interface VirtualTime extends Clock {
    /** Lets every request that is under way take longer than its client waits. */
    timeOut(): void;
}

/** The emulator's time as the provider's: what the provider sleeps passes there at once. */
export function virtualTime(clock: VirtualClock): VirtualTime {
    let waiting = new Set<AbortController>();
    return {
        now: () => clock.now(),
        async sleep(milliseconds, signal) {
            await delay(REAL, undefined, { signal });
            clock.advance(milliseconds / 1000);
        },
        timeout() {
            const controller = new AbortController();
            waiting.add(controller);
            return controller.signal;
        },
        timeOut() {
            const late = waiting;
            waiting = new Set();
            for (const controller of late)
                controller.abort(new DOMException("it took too long", "TimeoutError"));
        },
    };
}
