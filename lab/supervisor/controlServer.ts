import fastify from "fastify";
import type { FastifyInstance } from "fastify";
import type { LabStatus } from "./labStatus.ts";

export interface ControlServerOptions {
    readonly status: () => LabStatus;
    /** Called once the answer to `POST /stop` is on its way. */
    readonly stop: () => void;
}

/**
 * The lab's control server: `GET /status` tells everything about the lab, `GET /ready` answers 200 once every part serves and
 * 503 until then, `POST /stop` ends the lab.
 */
export function controlServer({ status, stop }: ControlServerOptions): FastifyInstance {
    const server = fastify({ forceCloseConnections: true });
    server.get("/status", () => status());
    server.get("/ready", (_request, reply) => {
        const { state } = status();
        return reply.code(state === "ready" ? 200 : 503).send({ state });
    });
    server.post("/stop", async (_request, reply) => {
        await reply.code(202).send({ state: "stopping" });
        stop();
    });
    return server;
}
