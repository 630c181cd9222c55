import { fastify, type FastifyInstance } from "fastify";
import { mtaStsPolicy } from "./stalwartMailRules.ts";
import type { MailMetrics } from "./stalwartMetrics.ts";
import type { ServerSettings } from "./stalwartSettings.ts";

/** What the plan leaves open of the server's HTTP, without the paths of its management. */
export function stalwartHttp(settings: ServerSettings, metrics: MailMetrics): FastifyInstance {
    const server = fastify({ forceCloseConnections: true });
    for (const path of ["/healthz/live", "/healthz/ready"])
        server.get(path, async (_request, reply) => reply.code(200).send());
    server.get("/.well-known/mta-sts.txt", async (_request, reply) =>
        reply.type("text/plain").send(mtaStsPolicy(settings)),
    );
    if (settings.metrics)
        server.get("/metrics/prometheus", async (_request, reply) =>
            reply.type("text/plain; version=0.0.4; charset=utf-8").send(metrics.text()),
        );
    for (const prefix of ["/jmap", "/jmap/*"])
        server.all(prefix, async (_request, reply) =>
            reply.code(501).send("the lab's mail server does not play this"),
        );
    server.setNotFoundHandler(async (_request, reply) => reply.code(404).send());
    return server;
}
