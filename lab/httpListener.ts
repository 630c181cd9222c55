import { once } from "node:events";
import type { Server } from "node:http";

/** Lets an HTTP or HTTPS server listen. Rejects when it cannot. */
export async function listen(server: Server, port: number, host: string): Promise<void> {
    server.listen(port, host);
    await once(server, "listening");
}

/** Closes a server with all its connections. */
export async function close(server: Server): Promise<void> {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
}
