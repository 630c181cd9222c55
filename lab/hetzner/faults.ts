import { randomUUID } from "node:crypto";
import { z } from "zod";

/** Which requests a fault meets: by method and by route, `*` at the end for all that begin so (`/servers/:id/actions/*`). */
const match = {
    method: z.enum(["GET", "POST", "PUT", "DELETE"]).optional(),
    route: z.string().default("*"),
    /** How many requests or actions it meets. */
    times: z.number().int().positive().default(1),
};

const command = z.string().default("*");

/**
 * A fault to inject.
 * - `error`: the API's error `code` instead of the work (`conflict`, `locked`, `resource_unavailable`, …);
 * - `rate_limit`: 429 with `RateLimit-Reset` that many seconds ahead;
 * - `gateway`: a proxy's 502 or 504, not in the API's JSON;
 * - `connection_reset`: the connection breaks before the request is processed;
 * - `drop_reply`: the request is processed, its answer never arrives;
 * - `action_error`: the next action of the command fails, without effect;
 * - `slow_action`: the next action of the command takes that much longer.
 */
export const faultSchema = z.discriminatedUnion("kind", [
    z.object({
        kind: z.literal("error"),
        ...match,
        code: z.string(),
        message: z.string().default("injected fault"),
    }),
    z.object({ kind: z.literal("rate_limit"), ...match, resetSeconds: z.number().default(1) }),
    z.object({
        kind: z.literal("gateway"),
        ...match,
        status: z.union([z.literal(502), z.literal(504)]),
    }),
    z.object({ kind: z.literal("connection_reset"), ...match }),
    z.object({ kind: z.literal("drop_reply"), ...match }),
    z.object({
        kind: z.literal("action_error"),
        command,
        times: match.times,
        code: z.string(),
        message: z.string().default("injected fault"),
    }),
    z.object({
        kind: z.literal("slow_action"),
        command,
        times: match.times,
        milliseconds: z.number().nonnegative(),
    }),
]);

/** A fault as it is asked for; see {@link faultSchema}. */
export type FaultInput = z.input<typeof faultSchema>;

/** A fault that waits for its requests. */
export type Fault = z.output<typeof faultSchema> & { readonly id: string };

type RequestFault = Extract<Fault, { readonly route: string }>;

function fits(pattern: string, value: string): boolean {
    return pattern.endsWith("*") ? value.startsWith(pattern.slice(0, -1)) : value === pattern;
}

/** The faults that wait, in the order in which they were injected. */
export class Faults {
    #waiting: Fault[] = [];

    /** Throws a ZodError on one that can't be understood. */
    inject(input: FaultInput): Fault {
        const fault = { ...faultSchema.parse(input), id: randomUUID() };
        this.#waiting.push(fault);
        return fault;
    }

    list(): readonly Fault[] {
        return this.#waiting;
    }

    clear(): void {
        this.#waiting = [];
    }

    /** The fault that this request meets, if any, counted down. `route` without the base path. */
    takeForRequest(method: string, route: string): RequestFault | undefined {
        const found = this.#waiting.find(
            (fault): fault is RequestFault =>
                "route" in fault &&
                (fault.method === undefined || fault.method === method) &&
                fits(fault.route, route),
        );
        return found && this.#use(found);
    }

    takeActionError(name: string): { code: string; message: string } | undefined {
        const found = this.#waiting.find(
            (fault) => fault.kind === "action_error" && fits(fault.command, name),
        );
        if (found?.kind !== "action_error") return undefined;
        const { code, message } = this.#use(found);
        return { code, message };
    }

    /** Milliseconds that the action takes longer. */
    takeActionDelay(name: string): number {
        const found = this.#waiting.find(
            (fault) => fault.kind === "slow_action" && fits(fault.command, name),
        );
        return found?.kind === "slow_action" ? this.#use(found).milliseconds : 0;
    }

    #use<F extends Fault>(fault: F): F {
        fault.times -= 1;
        if (fault.times <= 0) this.#waiting = this.#waiting.filter((other) => other !== fault);
        return fault;
    }
}
