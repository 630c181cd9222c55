import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

/** An SMTP client that sends what it is told and hands out replies as they come, for exact dialogues. */
export class SmtpClient {
    #socket: Socket | TLSSocket;
    #buffered = "";
    #ended = false;
    #wake: () => void = () => undefined;

    private constructor(socket: Socket | TLSSocket) {
        this.#socket = socket;
        this.#listen();
    }

    #listen(): void {
        this.#socket.on("data", (chunk: Buffer) => {
            this.#buffered += chunk.toString();
            this.#wake();
        });
        for (const event of ["close", "error"])
            this.#socket.on(event, () => {
                this.#ended = true;
                this.#wake();
            });
    }

    /**
     * Connects, from `localAddress` if given, sends `first` if any (a PROXY header), and does not wait for a greeting.
     */
    static async connect(
        host: string,
        port: number,
        first?: string | Uint8Array,
        localAddress?: string,
    ): Promise<SmtpClient> {
        const socket = connect({ host, port, ...(localAddress !== undefined && { localAddress }) });
        await once(socket, "connect");
        if (first !== undefined) socket.write(first);
        return new SmtpClient(socket);
    }

    /** Connects with TLS from the first byte. */
    static async connectTls(host: string, port: number, servername: string): Promise<SmtpClient> {
        const socket = connectTls({ host, port, servername, rejectUnauthorized: false });
        await once(socket, "secureConnect");
        return new SmtpClient(socket);
    }

    /** The next reply, lines joined by ` | `; "" when the server hung up instead. */
    async reply(): Promise<string> {
        for (;;) {
            const match = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(this.#buffered);
            if (match) {
                this.#buffered = this.#buffered.slice(match[0].length);
                return match[0].trimEnd().replaceAll("\r\n", " | ");
            }
            if (this.#ended) return "";
            await new Promise<void>((resolve) => {
                this.#wake = resolve;
            });
        }
    }

    /** Sends a line and returns the reply to it. */
    async say(line: string): Promise<string> {
        this.#socket.write(`${line}\r\n`);
        return this.reply();
    }

    /** Goes on in TLS, after the server's 220. Returns the certificate's common name. */
    async startTls(servername: string): Promise<string> {
        this.#socket.removeAllListeners("data");
        const secure = connectTls({
            socket: this.#socket,
            servername,
            rejectUnauthorized: false,
        });
        await once(secure, "secureConnect");
        this.#socket = secure;
        this.#listen();
        const { CN } = secure.getPeerCertificate().subject;
        return String(CN);
    }

    close(): void {
        this.#socket.destroy();
    }
}

/** Argument of AUTH PLAIN (RFC 4616). */
export function plain(user: string, password: string): string {
    return Buffer.from(`\0${user}\0${password}`).toString("base64");
}
