import { type Server, type Socket, createServer } from "node:net";

/** A TCP listener that knows its connections, so that closing it ends them too. */
export class Listener {
    readonly #server: Server;
    readonly #sockets = new Set<Socket>();

    private constructor(accept: (socket: Socket) => void) {
        this.#server = createServer({ allowHalfOpen: true }, (socket) => {
            this.#sockets.add(socket);
            socket.once("close", () => this.#sockets.delete(socket));
            // Without a listener an error of a client's connection would end the lab.
            socket.on("error", () => socket.destroy());
            accept(socket);
        });
    }

    /** Resolves when it listens. Rejects with the system's error where the address can't be bound. */
    static async open(
        host: string,
        port: number,
        accept: (socket: Socket) => void,
    ): Promise<Listener> {
        const listener = new Listener(accept);
        await new Promise<void>((resolve, reject) => {
            listener.#server.once("error", reject);
            listener.#server.listen({ host, port, exclusive: true }, () => {
                listener.#server.off("error", reject);
                resolve();
            });
        });
        return listener;
    }

    /** Ends every connection and resolves when the port is free. */
    async close(): Promise<void> {
        const closed = new Promise<void>((resolve) => {
            this.#server.close(() => {
                resolve();
            });
        });
        for (const socket of this.#sockets) socket.destroy();
        await closed;
    }
}
