import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { z } from "zod";

const callSchema = z.object({
    host: z.string(),
    port: z.int().positive(),
    /** Address to connect from. */
    from: z.string().optional(),
});

/** Where a connection through the bridge leads to; its first line, as JSON. */
export type Call = z.infer<typeof callSchema>;

/** Longest first line, in bytes. */
const MAX_LINE = 1024;

/** Reads the first line of a connection, and nothing after it. */
async function firstLine(socket: Socket): Promise<string> {
    const read: Buffer[] = [];
    for (let length = 0; length < MAX_LINE;) {
        const chunk = socket.read() as Buffer | null;
        if (chunk === null) {
            if (socket.readableEnded) break;
            await Promise.race([once(socket, "readable"), once(socket, "end")]);
            continue;
        }
        const end = chunk.indexOf("\n");
        if (end >= 0) {
            if (end + 1 < chunk.length) socket.unshift(chunk.subarray(end + 1));
            return Buffer.concat([...read, chunk.subarray(0, end)]).toString();
        }
        read.push(chunk);
        length += chunk.length;
    }
    throw new Error("the first line of a connection through the bridge is missing");
}

/** Joins two connections; when one ends, so does the other. */
export function join(a: Socket, b: Socket): void {
    for (const [from, to] of [
        [a, b],
        [b, a],
    ] as const) {
        from.on("error", () => to.destroy());
        from.on("close", () => to.destroy());
        from.pipe(to);
    }
}

/** Opens a connection through the bridge that listens at a Unix socket. */
export async function call(path: string, { host, port, from }: Call): Promise<Socket> {
    const socket = connect(path);
    await once(socket, "connect");
    socket.write(`${JSON.stringify({ host, port, ...(from !== undefined && { from }) })}\n`);
    return socket;
}

async function answer(socket: Socket, allowed: (call: Call) => Call | undefined): Promise<void> {
    const wanted = allowed(callSchema.parse(JSON.parse(await firstLine(socket))));
    if (wanted === undefined) throw new Error("nothing is there");
    const { host, port, from } = wanted;
    const target = connect({ host, port, ...(from !== undefined && { localAddress: from }) });
    join(socket, target);
}

/**
 * Answers calls through the bridge by connecting to where they lead. A Unix socket is the one thing that both network
 * namespaces share.
 *
 * @param allowed - what a call becomes on this side; undefined where it leads nowhere
 */
export async function answerCalls(
    path: string,
    allowed: (call: Call) => Call | undefined,
): Promise<Server> {
    await rm(path, { force: true });
    const server = createServer((socket) => {
        socket.on("error", () => socket.destroy());
        answer(socket, allowed).catch(() => socket.destroy());
    });
    server.listen(path);
    await once(server, "listening");
    return server;
}
