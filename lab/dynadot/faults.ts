import { z } from "zod";

const record = z.object({
    type: z.string(),
    value: z.string(),
    value2: z.string().optional(),
});

const subRecord = record.extend({ subhost: z.string() });

const action = z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("drop-request") }),
    z.object({ kind: z.literal("drop-reply") }),
    z.object({ kind: z.literal("half-reply") }),
    z.object({ kind: z.literal("truncated-body") }),
    z.object({ kind: z.literal("delay"), milliseconds: z.number().int().positive() }),
    z.object({
        kind: z.literal("html"),
        status: z.union([z.literal(500), z.literal(502), z.literal(503)]),
    }),
    z.object({ kind: z.literal("rate-limited") }),
    z.object({ kind: z.literal("concurrency-limited") }),
    z.object({ kind: z.literal("system-busy") }),
    z.object({ kind: z.literal("main-server"), seconds: z.number().positive() }),
    z.object({
        kind: z.literal("foreign-write"),
        domain: z.string(),
        main: z.array(record).default([]),
        sub: z.array(subRecord).default([]),
        /** Records below the domain that are taken away. */
        removed: z.array(subRecord).default([]),
    }),
    z.object({
        kind: z.literal("foreign-name-servers"),
        domain: z.string(),
        nameServers: z.array(z.string()).min(1),
    }),
    z.object({ kind: z.literal("stale-read"), seconds: z.number().positive() }),
    z.object({ kind: z.literal("late-write"), seconds: z.number().positive() }),
]);

/** A fault to come, as a script states it. */
export const faultSchema = z.object({
    /** Command of API3 by which the operation is known in both APIs, for example `set_dns2`. Any unless given. */
    operation: z.string().optional(),
    /** Matching requests that come first, whatever another fault does to them: without `operation`, n makes it the n+1st request. @default 0 */
    skip: z.number().int().nonnegative().default(0),
    /** Matching requests that are hit. @default 1 */
    times: z.number().int().positive().default(1),
    action,
});

/** A fault to come. */
export type Fault = z.input<typeof faultSchema>;

/**
 * What happens to a request:
 * - `drop-request`: the connection is closed and nothing was done; `drop-reply`: it was done, and then closed.
 * - `half-reply`: done, but the connection ends in the middle of the reply; `truncated-body`: a whole reply with half the text.
 * - `delay`: done, and answered late; `html`: an error page of a proxy, nothing done.
 * - `rate-limited`, `concurrency-limited`, `system-busy`, `main-server` (this and all requests of the next seconds): refused,
 *   nothing done.
 * - `foreign-write`: somebody else appends and removes records just before it; `foreign-name-servers`: or gives a domain other name servers.
 * - `stale-read`: a reading sees the account of so many seconds ago; a write is done as ever.
 * - `late-write`: a write is answered at once, but done only after the next write, or so many seconds later if none comes.
 */
export type FaultAction = z.infer<typeof action>;

/** The faults to come, in the order in which they were scripted. */
export class FaultScript {
    #faults: { operation: string | undefined; skip: number; times: number; action: FaultAction }[] =
        [];

    /** @throws ZodError when it is no fault */
    add(fault: Fault): void {
        const { operation, skip, times, action } = faultSchema.parse(fault);
        this.#faults.push({ operation, skip, times, action });
    }

    clear(): void {
        this.#faults = [];
    }

    /** Faults that have not hit yet. */
    get pending(): number {
        return this.#faults.reduce((sum, fault) => sum + fault.times, 0);
    }

    /** What happens to the next request of this operation. */
    next(operation: string): FaultAction | undefined {
        const matching = this.#faults.filter(
            (fault) => fault.operation === undefined || fault.operation === operation,
        );
        const hit = matching.find(({ skip }) => skip === 0);
        for (const fault of matching) if (fault.skip > 0) fault.skip--;
        if (hit === undefined) return undefined;
        hit.times--;
        if (hit.times === 0) this.#faults = this.#faults.filter((fault) => fault !== hit);
        return hit.action;
    }
}
