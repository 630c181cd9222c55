import type { EngineEvent } from "./engineEvents.ts";
import type { Plan } from "./plan.ts";
import { readPlan } from "./readPlan.ts";

/**
 * Reads what a refresh that changes nothing found. Its first event of a resource is `refresh` whatever comes out; the last says
 * what did: `same`, `update` where the real thing is another, `delete` where it is gone.
 *
 * @returns undefined for an empty stack, of which the engine says nothing, not even its name
 * @throws UnreadableEvents where the events are of no preview, or of several stacks
 */
export function readDrift(events: readonly EngineEvent[], source: string): Plan | undefined {
    const found = events.map((event) => ({ ...event, resourcePreEvent: event.resOutputsEvent }));
    const empty = found.every(({ resourcePreEvent }) => resourcePreEvent === undefined);
    const ended = found.some(({ summaryEvent: end }) => end && (end.result ?? "") !== "failed");
    return empty && ended ? undefined : readPlan(found, source);
}
