import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Makes sure that nobody listens at a TCP address yet, so that the answer of a server left over from before is never
 * taken for that of the one about to start.
 *
 * @throws Error that says how to find out who it is
 */
export async function assertFree(host: string, port: number, forWhat: string): Promise<void> {
    const server = createServer();
    try {
        server.listen({ host, port, exclusive: true });
        await once(server, "listening");
    } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(
            `${forWhat} cannot listen at ${host}:${port}: ${reason}. What does is shown by: ss -ltnp 'src ${host} and sport = :${port}'`,
            { cause },
        );
    }
    server.close();
    await once(server, "close");
}
