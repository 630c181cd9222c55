import type { EngineEvent } from "./engineEvents.ts";
import type { Plan } from "./plan.ts";
import { readPlan } from "./readPlan.ts";

/**
 * Reads what a refresh that changes nothing found. Its first event of a resource is `refresh` whatever comes out; the last says
 * what did: `same`, `update` where the real thing is another, `delete` where it is gone.
 *
 * @throws UnreadableEvents where the events are of no preview, or of several stacks
 */
export function readDrift(events: readonly EngineEvent[], source: string): Plan {
    return readPlan(
        events.map((event) => ({ ...event, resourcePreEvent: event.resOutputsEvent })),
        source,
    );
}
