import { fastify, type FastifyInstance } from "fastify";
import type { ReceivedMail } from "./receivedMail.ts";

/**
 * Looks into the mailboxes:
 *
 * | route | does |
 * |---|---|
 * | `GET /messages` | all messages with their verdicts, oldest first; `?to=<address>` those for one recipient |
 * | `GET /messages/<id>/raw` | one as it was received |
 * | `DELETE /messages` | forgets them all |
 */
export function mailboxApi(mail: ReceivedMail): FastifyInstance {
    const server = fastify({ forceCloseConnections: true });
    server.get<{ Querystring: { to?: string } }>("/messages", async ({ query: { to } }) => {
        const messages = await mail.list();
        return messages.filter(
            ({ rcptTo }) => to === undefined || rcptTo.includes(to.toLowerCase()),
        );
    });
    server.get<{ Params: { id: string } }>("/messages/:id/raw", async ({ params }, reply) => {
        const found = (await mail.list()).find(({ id }) => id === params.id);
        return found === undefined
            ? reply.code(404).send({ error: `no message ${params.id}` })
            : reply.type("message/rfc822").send(Buffer.from(found.message, "latin1"));
    });
    server.delete("/messages", async (_request, reply) => {
        await mail.clear();
        return reply.code(204).send();
    });
    return server;
}
