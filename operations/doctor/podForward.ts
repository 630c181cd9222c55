import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { PortForward, type KubeConfig } from "@kubernetes/client-node";
import type { Endpoint } from "./examination.ts";

export interface PodPort {
    readonly namespace: string;
    readonly pod: string;
    readonly port: number;
}

/** A port of this machine's loopback that leads into a pod. */
export interface PodForward extends Endpoint {
    /** Closes it, and every connection through it. */
    close(): Promise<void>;
}

/** What is used of the WebSocket, whose type the client's package does not bring along. */
interface Channel {
    addEventListener(event: "close", listener: () => void): void;
    close(): void;
}

function isChannel(value: unknown): value is Channel {
    return typeof value === "object" && value !== null && "addEventListener" in value;
}

/** Carries one connection through the API server; what goes wrong closes it, which its client sees. */
async function carry(forward: PortForward, { namespace, pod, port }: PodPort, socket: Socket) {
    try {
        const channel: unknown = await forward.portForward(
            namespace,
            pod,
            [port],
            socket,
            null,
            socket,
        );
        if (!isChannel(channel)) throw new Error("port forwarding gave no channel");
        channel.addEventListener("close", () => {
            socket.end();
        });
        socket.once("close", () => {
            channel.close();
        });
    } catch {
        socket.destroy();
    }
}

/** Opens a port of a pod on loopback, as `kubectl port-forward` does, for what is reached inside the cluster only. */
export async function podForward(config: KubeConfig, target: PodPort): Promise<PodForward> {
    const forward = new PortForward(config);
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => socket.destroy());
        socket.once("close", () => sockets.delete(socket));
        void carry(forward, target, socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string")
        throw new Error("a TCP server listens at no port");
    return {
        host: "127.0.0.1",
        port: address.port,
        close: async () => {
            for (const socket of sockets) socket.destroy();
            server.close();
            await once(server, "close");
        },
    };
}
