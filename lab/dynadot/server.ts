import fastify from "fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { adminRoutes } from "./adminRoutes.ts";
import type { AdminParts } from "./adminRoutes.ts";
import { api3Exchange } from "./api3.ts";
import type { Api3Parts } from "./api3.ts";
import { half } from "./exchange.ts";
import type { Delivery, ExchangeService } from "./exchange.ts";
import { restExchange } from "./rest.ts";
import type { RestParts } from "./rest.ts";
import { REST_OPERATIONS } from "./restOperations.ts";

/** The HTTP server of both APIs and of the admin routes. */
export function dynadotServer(
    service: ExchangeService,
    parts: Api3Parts & RestParts & AdminParts,
): FastifyInstance {
    const server = fastify({ forceCloseConnections: true });
    // Signatures cover the raw bytes, so no body is parsed before they are checked.
    server.removeAllContentTypeParsers();
    server.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
        done(null, body);
    });
    for (const format of ["json", "xml"] as const)
        server.get(`/api3.${format}`, async (request, reply) => {
            const { url, ip: client } = request;
            const exchange = api3Exchange({ format, url, client }, parts);
            return deliver(await service.handle(exchange), request, reply);
        });
    for (const operation of REST_OPERATIONS)
        server.route<{ Params: { subject?: string } }>({
            method: operation.method,
            url: `/restful/v2${operation.path}`,
            handler: async (request, reply) => {
                const exchange = restExchange(
                    {
                        operation,
                        subject: request.params.subject ?? "",
                        url: request.url,
                        rawHeaders: request.raw.rawHeaders,
                        body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
                        client: request.ip,
                    },
                    parts,
                );
                return deliver(await service.handle(exchange), request, reply);
            },
        });
    adminRoutes(server, parts);
    return server;
}

/** Puts a reply on the wire, as whole as its delivery says. */
export function deliver(
    delivery: Delivery,
    request: FastifyRequest,
    reply: FastifyReply,
): FastifyReply {
    if (delivery.kind === "drop") {
        reply.hijack();
        request.raw.socket.destroy();
        return reply;
    }
    const { status, contentType, headers = {}, body } = delivery.reply;
    if (delivery.kind === "send")
        return reply
            .code(status)
            .headers({ ...headers, "content-type": contentType })
            .send(body);
    reply.hijack();
    const length = Buffer.byteLength(body);
    reply.raw.writeHead(status, { "content-type": contentType, "content-length": length });
    reply.raw.write(half(body), () => {
        request.raw.socket.destroySoon();
    });
    return reply;
}
