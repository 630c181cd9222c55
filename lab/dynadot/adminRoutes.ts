import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { AccountStore } from "./accountStore.ts";
import { faultSchema } from "./faults.ts";
import type { FaultScript } from "./faults.ts";
import type { RequestLog } from "./requestLog.ts";
import type { DynadotSwitches } from "./switches.ts";
import type { VirtualClock } from "./virtualClock.ts";

/** What the admin routes look at and change. */
export interface AdminParts {
    readonly store: AccountStore;
    readonly faults: FaultScript;
    readonly log: RequestLog;
    readonly clock: VirtualClock;
    readonly switches: () => DynadotSwitches;
    readonly setSwitches: (changes: Partial<DynadotSwitches>) => void;
}

const switchesSchema = z
    .strictObject({
        successCode: z.enum(["number", "string", "documented"]),
        appendByYes: z.boolean(),
        indexGaps: z.enum(["stop", "skip"]),
        duplicates: z.enum(["drop", "keep"]),
        appendNeedsMain: z.boolean(),
        subList: z.enum(["dns_sub_list", "sub_list", "both"]),
        exactRequestIdHeader: z.boolean(),
        dnssecWrite: z.enum(["append", "replace"]),
        dnssecSupported: z.boolean(),
        emptyNameServerSlots: z.boolean(),
        restCode: z.enum(["number", "string"]),
        staleReadSeconds: z.number().nonnegative(),
        reorderSeconds: z.number().nonnegative(),
        keyActivationSeconds: z.number().nonnegative(),
        sandbox: z.boolean(),
        appendedTtl: z.enum(["set", "ignore"]),
        trailingDots: z.enum(["keep", "strip"]),
        keepsHostedRecords: z.boolean(),
        emailSettings: z.boolean(),
        registryAsksServers: z.boolean(),
        allowedAddresses: z.array(z.string()).nullable(),
    })
    .partial();

/** `/_lab/…`: the emulator's inside, for tests and for people. Not a part of Dynadot, and without a key. */
export function adminRoutes(server: FastifyInstance, parts: AdminParts): void {
    server.get("/_lab/account", () => parts.store.read());
    server.get("/_lab/requests", () => parts.log.requests);
    server.delete("/_lab/requests", () => {
        parts.log.clear();
        return { cleared: true };
    });
    server.get("/_lab/faults", () => ({ pending: parts.faults.pending }));
    server.post("/_lab/faults", (request) => {
        parts.faults.add(body(faultSchema, request.body));
        return { pending: parts.faults.pending };
    });
    server.delete("/_lab/faults", () => {
        parts.faults.clear();
        return { pending: 0 };
    });
    server.get("/_lab/switches", () => parts.switches());
    server.patch("/_lab/switches", (request) => {
        const changes = body(switchesSchema, request.body);
        parts.setSwitches(
            Object.fromEntries(Object.entries(changes).filter(([, v]) => v !== undefined)),
        );
        return parts.switches();
    });
    server.post("/_lab/clock", (request) => {
        parts.clock.advance(body(z.object({ seconds: z.number() }), request.body).seconds);
        return { now: parts.clock.now() };
    });
}

function body<T>(schema: z.ZodType<T>, raw: unknown): T {
    const text = Buffer.isBuffer(raw) ? raw.toString("utf8") : "{}";
    const parsed = schema.safeParse(JSON.parse(text));
    if (!parsed.success)
        throw Object.assign(new Error(z.prettifyError(parsed.error)), { statusCode: 400 });
    return parsed.data;
}
