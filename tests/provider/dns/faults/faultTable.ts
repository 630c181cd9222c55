import type { FaultAction } from "../../../../lab/dynadot/faults.ts";

/** A row of the table: what goes wrong with one request. */
export interface FaultRow {
    readonly name: string;
    readonly action?: FaultAction;
    /** Requests that it happens to, one after the other. @default 1 */
    readonly times?: number;
    /** The request is carried out, and takes longer than its client waits. */
    readonly slow?: true;
    /** The provider's process ends once the request was carried out, and with it what it knew. */
    readonly crash?: true;
}

/** Everything that can go wrong with one request of any registrar's API. */
export const HTTP_ROWS: readonly FaultRow[] = [
    { name: "drops the request", action: { kind: "drop-request" } },
    { name: "does it and drops the reply", action: { kind: "drop-reply" } },
    { name: "ends in the middle of the reply", action: { kind: "half-reply" } },
    { name: "truncates the reply's text", action: { kind: "truncated-body" } },
    { name: "is slower than the timeout", slow: true },
    { name: "shows an HTML page with 502", action: { kind: "html", status: 502 } },
    { name: "is over its rate", action: { kind: "rate-limited" } },
    { name: "reads what was an hour ago", action: { kind: "stale-read", seconds: 3600 } },
    { name: "does a write 4 seconds later", action: { kind: "late-write", seconds: 4 } },
    { name: "does a write after the next one", action: { kind: "late-write", seconds: 600 } },
    { name: "is the last that the process sees", crash: true },
];

/** Everything that can go wrong with one request of Dynadot's API. */
export const DYNADOT_ROWS: readonly FaultRow[] = [
    ...HTTP_ROWS,
    { name: "has another request in flight", action: { kind: "concurrency-limited" } },
    { name: "is busy", action: { kind: "system-busy" } },
    { name: "loses its main server for 2 minutes", action: { kind: "main-server", seconds: 120 } },
    { name: "loses its main server for an hour", action: { kind: "main-server", seconds: 3600 } },
];
