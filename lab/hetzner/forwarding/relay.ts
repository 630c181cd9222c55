import { type Socket, connect } from "node:net";

/** Where a connection is relayed to. */
export interface Endpoint {
    readonly host: string;
    readonly port: number;
    /** Source address of the outgoing connection. */
    readonly localAddress?: string;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** Connects. Rejects with the system's error, or after five seconds. */
export function open(endpoint: Endpoint, timeoutMs = CONNECT_TIMEOUT_MS): Promise<Socket> {
    return new Promise((resolve, reject) => {
        const socket = connect({ ...endpoint, allowHalfOpen: true });
        const timer = setTimeout(() => {
            socket.destroy(new Error(`no answer from ${endpoint.host}:${endpoint.port}`));
        }, timeoutMs);
        socket.once("error", (error) => {
            clearTimeout(timer);
            reject(error);
        });
        socket.once("connect", () => {
            clearTimeout(timer);
            resolve(socket);
        });
    });
}

/** Carries bytes both ways, half-closed connections included, until both are closed; an error on one side ends both. */
export function join(client: Socket, backend: Socket): void {
    backend.on("error", () => backend.destroy());
    client.once("close", () => {
        if (!client.readableEnded) backend.destroy();
    });
    backend.once("close", () => {
        if (!backend.readableEnded) client.destroy();
    });
    client.pipe(backend);
    backend.pipe(client);
}
