import { fastify, type FastifyInstance } from "fastify";
import { mtaStsPolicy } from "./stalwartMailRules.ts";
import type { ServerSettings } from "./stalwartSettings.ts";

/** What the plan leaves open of the server's HTTP, without the paths of its management. */
export function stalwartHttp(settings: ServerSettings): FastifyInstance {
    const server = fastify({ forceCloseConnections: true });
    for (const path of ["/healthz/live", "/healthz/ready"])
        server.get(path, async (_request, reply) => reply.code(200).send());
    server.get("/.well-known/mta-sts.txt", async (_request, reply) =>
        reply.type("text/plain").send(mtaStsPolicy(settings)),
    );
    for (const prefix of ["/metrics/*", "/jmap", "/jmap/*"])
        server.all(prefix, async (_request, reply) =>
            reply.code(501).send("the lab's mail server does not play this"),
        );
    server.setNotFoundHandler(async (_request, reply) => reply.code(404).send());
    return server;
}
