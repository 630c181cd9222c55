import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { ApiError } from "../errors.ts";
import { type Fault, type FaultInput, faultSchema } from "../faults.ts";
import type { LoggedRequest } from "../http/requestLog.ts";
import { readBody } from "../http/route.ts";
import type { CloudState } from "../state/model.ts";
import { type Drift, driftSchema } from "./drift.ts";

function json(body: unknown): unknown {
    try {
        return typeof body === "string" && body !== "" ? JSON.parse(body) : {};
    } catch {
        throw new ApiError("json_error", "invalid JSON in request body");
    }
}

const availabilityBody = z.object({
    serverType: z.string(),
    location: z.string(),
    available: z.boolean(),
});

/** What the lab's own routes reach of the cloud. */
export interface AdministeredCloud {
    requestLog(): readonly LoggedRequest[];
    counters(): Readonly<Record<string, number>>;
    clearRequestLog(): void;
    faults(): readonly Fault[];
    injectFault(fault: FaultInput): Fault;
    clearFaults(): void;
    snapshot(): CloudState;
    restore(snapshot: unknown): Promise<void>;
    invariants(): string[];
    drift(drift: Drift): Promise<void>;
    setAvailability(serverType: string, location: string, available: boolean): void;
    listening(): string[];
}

/**
 * The lab's own routes beside the API, without a token:
 *
 * | route | does |
 * |---|---|
 * | `GET /_lab/requests` | the last requests: time, method, path, route, status, milliseconds |
 * | `GET /_lab/counters` | number of requests by `METHOD /route` |
 * | `DELETE /_lab/requests` | forgets both |
 * | `GET`, `POST`, `DELETE /_lab/faults` | lists, injects (`Fault` of faults.ts), clears faults |
 * | `GET`, `PUT /_lab/snapshot` | the whole state; puts one in its place |
 * | `GET /_lab/invariants` | what is wrong with the state: an empty list when nothing is |
 * | `POST /_lab/drift` | changes or deletes a resource behind everyone's back (`Drift` of drift.ts) |
 * | `PUT /_lab/availability` | lets a server type be ordered in a location, or not |
 * | `GET /_lab/listening` | addresses that the cloud's traffic is accepted on |
 */
export function adminRoutes(app: FastifyInstance, cloud: AdministeredCloud): void {
    app.get("/_lab/requests", () => ({ requests: cloud.requestLog() }));
    app.get("/_lab/counters", () => ({ counters: cloud.counters() }));
    app.delete("/_lab/requests", () => {
        cloud.clearRequestLog();
        return {};
    });
    app.get("/_lab/faults", () => ({ faults: cloud.faults() }));
    app.post("/_lab/faults", (request) => ({
        fault: cloud.injectFault(readBody(faultSchema, json(request.body))),
    }));
    app.delete("/_lab/faults", () => {
        cloud.clearFaults();
        return {};
    });
    app.get("/_lab/snapshot", () => ({ snapshot: cloud.snapshot() }));
    app.put("/_lab/snapshot", async (request) => {
        const { snapshot } = readBody(z.object({ snapshot: z.unknown() }), json(request.body));
        await cloud.restore(snapshot);
        return {};
    });
    app.get("/_lab/invariants", () => ({ problems: cloud.invariants() }));
    app.post("/_lab/drift", async (request) => {
        await cloud.drift(readBody(driftSchema, json(request.body)));
        return {};
    });
    app.put("/_lab/availability", (request) => {
        const body = readBody(availabilityBody, json(request.body));
        cloud.setAvailability(body.serverType, body.location, body.available);
        return {};
    });
    app.get("/_lab/listening", () => ({ listening: cloud.listening() }));
}
