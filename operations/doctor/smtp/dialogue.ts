import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls, rootCertificates, type TLSSocket } from "node:tls";
import type { Endpoint } from "../examination.ts";

/** What TLS came to. */
export interface TlsState {
    readonly protocol: string;
    readonly certificate: X509Certificate;
    /** Why the certificate is not trusted; undefined where it is. */
    readonly distrust?: string;
}

/** A conversation in SMTP that sends what it is told, so that refusals can be looked at (RFC 5321). */
export class SmtpDialogue {
    #socket: Socket | TLSSocket;
    #buffered = "";
    readonly #timeout: number;

    private constructor(socket: Socket, timeout: number) {
        this.#socket = socket;
        this.#timeout = timeout;
    }

    /** Connects and reads the greeting. */
    static async open(
        endpoint: Endpoint,
        timeout: number,
    ): Promise<{ dialogue: SmtpDialogue; greeting: string }> {
        const socket = connect(endpoint);
        socket.on("error", () => undefined);
        const dialogue = new SmtpDialogue(socket, timeout);
        try {
            await once(socket, "connect", { signal: AbortSignal.timeout(timeout) });
            return { dialogue, greeting: await dialogue.#reply() };
        } catch (cause) {
            dialogue.close();
            throw new Error(`no SMTP at ${endpoint.host}:${endpoint.port}`, { cause });
        }
    }

    async #reply(): Promise<string> {
        const signal = AbortSignal.timeout(this.#timeout);
        for (;;) {
            const match = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(this.#buffered);
            if (match) {
                this.#buffered = this.#buffered.slice(match[0].length);
                return match[0].trimEnd().replaceAll("\r\n", " | ");
            }
            if (this.#socket.readableEnded || this.#socket.destroyed)
                throw new Error("the server hung up");
            const chunk = this.#socket.read() as Buffer | null;
            if (chunk !== null) this.#buffered += chunk.toString("latin1");
            else
                await Promise.race([
                    once(this.#socket, "readable", { signal }),
                    once(this.#socket, "close", { signal }),
                ]);
        }
    }

    /** Sends a line and returns the reply, its lines joined by ` | `. */
    async say(line: string): Promise<string> {
        this.#socket.write(`${line}\r\n`);
        return this.#reply();
    }

    /** STARTTLS, with any certificate: what is wrong with it is part of the result. */
    async startTls(servername: string, authority: string): Promise<TlsState> {
        const reply = await this.say("STARTTLS");
        if (!reply.startsWith("220")) throw new Error(`STARTTLS: ${reply}`);
        const options = { socket: this.#socket, servername, rejectUnauthorized: false };
        const secure = connectTls({ ...options, ca: [...rootCertificates, authority] });
        secure.on("error", () => undefined);
        await once(secure, "secureConnect", { signal: AbortSignal.timeout(this.#timeout) });
        this.#socket = secure;
        const certificate = new X509Certificate(secure.getPeerCertificate(true).raw);
        return {
            protocol: secure.getProtocol() ?? "",
            certificate,
            ...(!secure.authorized && { distrust: String(secure.authorizationError) }),
        };
    }

    close(): void {
        this.#socket.destroy();
    }
}
