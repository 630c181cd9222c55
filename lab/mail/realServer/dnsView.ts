import { once } from "node:events";
import { createSocket } from "node:dgram";
import type { Socket } from "node:net";
import { decode, encode } from "dns-packet";
import { seenByServer } from "./addresses.ts";

/** DNS over TCP puts the length of a message before it (RFC 1035, section 4.2.2). */
const LENGTH_BYTES = 2;

/** A reply as the server is to see it: the lab's loopback addresses are those that stand for them. Not signed any more. */
export function replyForServer(reply: Buffer): Buffer {
    const packet = decode(reply);
    const answers = (packet.answers ?? [])
        .filter(({ type }) => type !== "RRSIG")
        .map((answer) =>
            answer.type === "A" ? { ...answer, data: seenByServer(answer.data) } : answer,
        );
    return encode({ ...packet, answers, authorities: [], additionals: [] });
}

async function ask(query: Buffer, dial: () => Promise<Socket>): Promise<Buffer> {
    const socket = await dial();
    try {
        const length = Buffer.alloc(LENGTH_BYTES);
        length.writeUInt16BE(query.length);
        socket.write(Buffer.concat([length, query]));
        let received = Buffer.alloc(0);
        for (;;) {
            const [chunk] = (await once(socket, "data", {
                signal: AbortSignal.timeout(5_000),
            })) as [Buffer];
            received = Buffer.concat([received, chunk]);
            if (received.length < LENGTH_BYTES) continue;
            const end = LENGTH_BYTES + received.readUInt16BE();
            if (received.length >= end) return received.subarray(LENGTH_BYTES, end);
        }
    } finally {
        socket.destroy();
    }
}

/** A resolver at UDP port 53 of an address, for the server: asks the lab's name server through `dial`. */
export async function startResolver(address: string, dial: () => Promise<Socket>): Promise<void> {
    const socket = createSocket("udp4");
    socket.on("message", (query, { port, address: client }) => {
        ask(query, dial).then(
            (reply) => {
                socket.send(replyForServer(reply), port, client);
            },
            // Unanswered, as by a resolver that cannot reach anybody: the server asks again.
            () => undefined,
        );
    });
    socket.bind(53, address);
    await once(socket, "listening");
}
