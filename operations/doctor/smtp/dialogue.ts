import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
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

/** The other side ended the conversation. */
class HungUp extends Error {}

function hasHungUp(error: unknown): boolean {
    if (error instanceof HungUp) return true;
    return error instanceof Error && "code" in error && error.code === "ECONNRESET";
}

/** Milliseconds after which a server counts connections anew (Stalwart's plan: five a second). */
const PAUSE = 1_100;

/** A conversation in SMTP that sends what it is told, so that refusals can be looked at (RFC 5321). */
export class SmtpDialogue {
    #socket: Socket | TLSSocket;
    #buffered = "";
    readonly #timeout: number;

    private constructor(socket: Socket, timeout: number) {
        this.#socket = socket;
        this.#timeout = timeout;
    }

    /** Connects and reads the greeting. A server that hangs up at once, as one does for too many connections, is tried once more. */
    static async open(
        endpoint: Endpoint,
        timeout: number,
    ): Promise<{ dialogue: SmtpDialogue; greeting: string }> {
        try {
            return await SmtpDialogue.#open(endpoint, timeout);
        } catch (error) {
            if (!(error instanceof Error && hasHungUp(error.cause))) throw error;
            await delay(PAUSE);
            return await SmtpDialogue.#open(endpoint, timeout);
        }
    }

    static async #open(
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
                throw new HungUp("the server hung up");
            const chunk = this.#socket.read() as Buffer | null;
            if (chunk !== null) this.#buffered += chunk.toString("latin1");
            else await this.#more(signal);
        }
    }

    /** Waits until there is something to read, or nothing will be any more. */
    async #more(signal: AbortSignal): Promise<void> {
        const over = new AbortController();
        const options = { signal: AbortSignal.any([signal, over.signal]) };
        try {
            await Promise.race([
                once(this.#socket, "readable", options),
                once(this.#socket, "close", options),
            ]);
        } finally {
            over.abort();
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
