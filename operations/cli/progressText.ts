import type { Count, ProgressEvent } from "../provision/events.ts";

function countText({ done, total }: Count): string {
    return total === undefined ? String(done) : `${done} of ${total}`;
}

/** `3 min 20 s`, `45 s`. */
export function secondsText(seconds: number): string {
    const minutes = Math.floor(seconds / 60);
    return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}

function changesText(changes: Readonly<Partial<Record<string, number>>>): string {
    const parts = Object.entries(changes).map(([action, count]) => `${count} ${action}`);
    return parts.length === 0 ? "no changes" : parts.join(", ");
}

/** The line that tells an event for good; undefined for one that only moves the status. */
export function lineOf(event: ProgressEvent): string | undefined {
    switch (event.type) {
        case "started":
            return `… ${event.operation} ${event.stack}${event.total === undefined ? "" : `: ${event.total} steps`}`;
        case "phase":
            return event.state === "running"
                ? `… ${event.phase}`
                : `✔ ${event.phase} (${countText(event.count)})`;
        case "resource":
            return event.state === "failed"
                ? `✖ ${event.action} ${event.resourceType} ${event.name}`
                : undefined;
        case "message":
            return event.severity === "info" ? undefined : `${event.severity}: ${event.text}`;
        case "finding":
            return `${event.applied ? "•" : "would"} ${event.text}`;
        case "retry":
            return `… attempt ${event.attempt} of ${event.attempts} in ${event.waitSeconds} s: ${event.reason}`;
        case "finished":
            return event.outcome === "succeeded"
                ? `✔ ${event.operation} ${event.stack}: ${changesText(event.changes)}, ${secondsText(event.seconds)}`
                : `✖ ${event.operation} ${event.stack}: ${event.outcome} after ${secondsText(event.seconds)}`;
        default:
            return undefined;
    }
}

/** The status that a terminal shows below the lines and rewrites; undefined for an event that does not move it. */
export function statusOf(event: ProgressEvent): string | undefined {
    if (event.type !== "resource") return undefined;
    const left =
        event.secondsLeft === undefined ? "" : ` · about ${secondsText(event.secondsLeft)} left`;
    return `  ${countText(event.count)}${left} · ${event.phase}: ${event.action} ${event.name}`;
}
