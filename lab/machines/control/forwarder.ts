import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * A node's TCP balancer to the control planes, as each k3s agent has one on port 6444: a connection goes to the first target
 * that accepts it, beginning after the one used last.
 */
export class ApiForwarder {
    #targets: readonly string[];
    readonly #port: number;
    readonly #targetPort: number;
    #next = 0;
    #server: Server | undefined;
    readonly #sockets = new Set<Socket>();

    /** @param targets - host addresses of control planes */
    constructor(targets: readonly string[], port: number, targetPort: number) {
        this.#targets = targets;
        this.#port = port;
        this.#targetPort = targetPort;
    }

    get targets(): readonly string[] {
        return this.#targets;
    }

    /** Replaces the list; connections to targets that are gone end by themselves. */
    update(targets: readonly string[]): void {
        if (targets.length > 0) this.#targets = targets;
    }

    async start(host: string): Promise<void> {
        const server = createServer((socket) => {
            this.#track(socket);
            void this.#forward(socket);
        });
        await new Promise<void>((resolve, reject) => {
            server.once("error", reject);
            server.listen(this.#port, host, resolve);
        });
        this.#server = server;
    }

    #track(socket: Socket): void {
        this.#sockets.add(socket);
        socket.once("close", () => this.#sockets.delete(socket));
        socket.on("error", () => socket.destroy());
    }

    async #forward(client: Socket): Promise<void> {
        client.pause();
        const targets = this.#targets;
        for (let attempt = 0; attempt < targets.length; attempt++) {
            const target = targets[(this.#next + attempt) % targets.length];
            if (target === undefined) break;
            const upstream = await dial(target, this.#targetPort);
            if (!upstream) continue;
            this.#next = (this.#next + attempt) % targets.length;
            this.#track(upstream);
            client.once("close", () => upstream.destroy());
            upstream.once("close", () => client.destroy());
            client.pipe(upstream);
            upstream.pipe(client);
            return;
        }
        client.destroy();
    }

    async stop(): Promise<void> {
        const server = this.#server;
        this.#server = undefined;
        for (const socket of this.#sockets) socket.destroy();
        if (server)
            await new Promise<void>((resolve) =>
                server.close(() => {
                    resolve();
                }),
            );
    }
}

/** Milliseconds to wait for a target. */
const DIAL_TIMEOUT = 2_000;

async function dial(host: string, port: number): Promise<Socket | undefined> {
    return await new Promise((resolve) => {
        const socket = connect({ host, port, timeout: DIAL_TIMEOUT });
        const failed = () => {
            socket.destroy();
            resolve(undefined);
        };
        socket.once("error", failed);
        socket.once("timeout", failed);
        socket.once("connect", () => {
            socket.setTimeout(0);
            socket.off("error", failed);
            resolve(socket);
        });
    });
}
