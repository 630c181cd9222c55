import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import packet, { type Answer } from "dns-packet";

/** An authoritative name server of a test, which answers what it is told: one that lags behind the others, or is silent. */
export class NameServer {
    readonly #socket: Socket;
    /** TXT values by name without trailing dot. A name that is neither here nor in {@link answers} does not exist. */
    readonly texts = new Map<string, readonly string[]>();
    /** Records of other types, by name without trailing dot and type: `example NS`. */
    readonly answers = new Map<string, readonly Answer[]>();
    /** Whether it gives no answer at all. */
    silent = false;
    /** Whether it says that it speaks for the name. */
    authoritative = true;

    private constructor(socket: Socket) {
        this.#socket = socket;
        socket.on("message", (message, { address, port }) => {
            if (!this.silent) socket.send(this.#reply(packet.decode(message)), port, address);
        });
    }

    static async start(address: string, port: number): Promise<NameServer> {
        const socket = createSocket("udp4");
        socket.bind(port, address);
        await once(socket, "listening");
        return new NameServer(socket);
    }

    stop(): void {
        this.#socket.close();
    }

    #reply(query: packet.DecodedPacket): Buffer {
        const { name = "", type = "" } = query.questions?.[0] ?? {};
        const texts = this.texts.get(name)?.map((text) => ({
            type: "TXT" as const,
            name,
            ttl: 1,
            data: text.match(/.{1,255}/g) ?? [""],
        }));
        const answers = this.answers.get(`${name} ${type}`) ?? texts;
        const nameError = 3;
        return packet.encode({
            type: "response",
            id: query.id ?? 0,
            flags:
                (this.authoritative ? packet.AUTHORITATIVE_ANSWER : 0) |
                (answers === undefined ? nameError : 0),
            questions: query.questions ?? [],
            answers: [...(answers ?? [])],
        });
    }
}
