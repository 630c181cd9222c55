import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import ipaddr from "ipaddr.js";
import {
    SMTPServer,
    type SMTPServerAddress,
    type SMTPServerAuthentication,
    type SMTPServerAuthenticationResponse,
    type SMTPServerDataStream,
    type SMTPServerSession,
} from "smtp-server";
import type { SMTPConnectionOptions } from "smtp-server/lib/smtp-connection.js";
import { readProxyHeader } from "../proxyHeader.ts";
import type { MailFlow } from "./mailFlow.ts";
import type { SessionLimits } from "./sessionLimits.ts";
import { StalwartConnection, type DialogueSettings } from "./stalwartDialogue.ts";
import { authenticate, maySendAs, recipientRefusal } from "./stalwartMailRules.ts";
import type { MailMetrics } from "./stalwartMetrics.ts";
import type { StalwartPod } from "./stalwartPod.ts";
import type { AccountSettings, ListenerSettings } from "./stalwartSettings.ts";

/** A listener of the server at one address of the lab. */
export interface SmtpListenerOptions {
    readonly pod: StalwartPod;
    readonly listener: ListenerSettings;
    readonly host: string;
    readonly port: number;
    /** Whether a connection from this address begins with a PROXY header. */
    readonly expectsProxyHeader: (remoteAddress: string) => boolean;
    readonly flow: MailFlow;
    readonly limits: SessionLimits;
    readonly metrics: MailMetrics;
    /** Milliseconds that a refused recipient or password costs. */
    readonly errorDelay: number;
    readonly log: (message: string) => void;
}

/** An error that the library answers with its code and text. */
class SmtpRefusal extends Error {
    readonly responseCode: number;

    constructor(responseCode: number, text: string) {
        super(text);
        this.responseCode = responseCode;
    }
}

function address(value: SMTPServerAddress | false): string {
    return value ? value.address : "";
}

/** SMTP on one listener, as the plan of its pod says. */
export class StalwartSmtpServer extends SMTPServer {
    /** Read by the connections. */
    readonly dialogue: DialogueSettings;
    readonly #options: SmtpListenerOptions;
    readonly #accounts = new Map<string, AccountSettings>();
    readonly #sockets = new Set<Socket>();
    readonly #front: Server;

    constructor(options: SmtpListenerOptions) {
        const { settings } = options.pod;
        const submission = options.listener.port !== 25;
        super({
            name: settings.hostname,
            cert: options.pod.certificate,
            key: options.pod.key,
            secure: options.listener.implicitTls,
            needsUpgrade: options.listener.implicitTls,
            authOptional: !submission,
            size: settings.maxMessageSize,
            disableReverseLookup: true,
            logger: false,
        });
        this.#options = options;
        this.dialogue = {
            hostname: settings.hostname,
            maxMessageSize: settings.maxMessageSize,
            submission,
            errorDelay: options.errorDelay,
        };
        this.#front = createServer((socket) => {
            void this.#accept(socket);
        });
        this.on("error", (error: Error) => {
            options.log(`${options.listener.name}: ${error.message}`);
        });
    }

    /** Resolves when it listens. */
    async start(): Promise<void> {
        this.#front.listen({ host: this.#options.host, port: this.#options.port });
        await once(this.#front, "listening");
    }

    /** Resolves when nothing listens and no connection is left. */
    async stop(): Promise<void> {
        const closed = once(this.#front, "close");
        this.#front.close();
        for (const socket of this.#sockets) socket.destroy();
        await closed;
    }

    async #accept(socket: Socket): Promise<void> {
        this.#sockets.add(socket);
        socket.once("close", () => this.#sockets.delete(socket));
        socket.on("error", () => socket.destroy());
        const remote = ipaddr.process(socket.remoteAddress ?? "127.0.0.1").toString();
        const connection: SMTPConnectionOptions = { remoteAddress: remote };
        if (this.#options.expectsProxyHeader(remote))
            try {
                const { peer } = await readProxyHeader(socket);
                if (peer) {
                    connection.remoteAddress = peer.address;
                    connection.remotePort = peer.port;
                }
            } catch (error) {
                const reason = error instanceof Error ? error.message : String(error);
                this.#options.log(`${this.#options.listener.name}: ${remote}: ${reason}`);
                socket.destroy();
                return;
            }
        const { listener, limits } = this.#options;
        if (listener.port === 25 && !limits.allowsConnection(connection.remoteAddress ?? remote))
            socket.destroy();
        if (!socket.destroyed) this.connect(socket, connection);
    }

    override connect(socket: Socket, options?: SMTPConnectionOptions | null): void {
        const connection = new StalwartConnection(this, socket, options);
        this.connections.add(connection);
        connection.on("error", (error: Error) => {
            this._onError(error);
        });
        connection.init();
    }

    override onAuth(
        auth: SMTPServerAuthentication,
        _session: SMTPServerSession,
        callback: (error?: Error | null, response?: SMTPServerAuthenticationResponse) => void,
    ): void {
        const { pod, errorDelay, metrics } = this.#options;
        void authenticate(pod.settings, auth.username ?? "", auth.password ?? "").then(
            (account) => {
                metrics.count(account ? "auth.success" : "auth.failed");
                if (account === undefined) {
                    setTimeout(() => {
                        callback(new SmtpRefusal(535, "Authentication credentials invalid"));
                    }, errorDelay);
                    return;
                }
                this.#accounts.set(account.address, account);
                callback(null, { user: account.address });
            },
        );
    }

    #account(session: SMTPServerSession): AccountSettings | undefined {
        const { user } = session as { user?: unknown };
        return typeof user === "string" ? this.#accounts.get(user) : undefined;
    }

    override onMailFrom(
        sender: SMTPServerAddress,
        session: SMTPServerSession,
        callback: (error?: Error | null) => void,
    ): void {
        const account = this.#account(session);
        const allowed = account === undefined || maySendAs(account, sender.address);
        callback(
            allowed
                ? null
                : new SmtpRefusal(501, "5.5.4 You are not allowed to send from this address."),
        );
    }

    override onRcptTo(
        recipient: SMTPServerAddress,
        session: SMTPServerSession,
        callback: (error?: Error | null) => void,
    ): void {
        const { pod, limits } = this.#options;
        const account = this.#account(session);
        const refusal = recipientRefusal(pod.settings, recipient.address, account !== undefined);
        if (account && !limits.allowsRecipient(account.address, recipient.address)) {
            callback(new SmtpRefusal(452, "4.4.5 Rate limit exceeded, try again later."));
            return;
        }
        const connection = [...this.connections].find(({ id }) => id === session.id);
        if (refusal === undefined || !(connection instanceof StalwartConnection)) {
            callback(null);
            return;
        }
        void connection.refuseRecipient(refusal).then(([code, text]) => {
            callback(new SmtpRefusal(code, text));
            if (code === 451) connection.close();
        });
    }

    override onData(
        stream: SMTPServerDataStream,
        session: SMTPServerSession,
        callback: (error?: Error | null, message?: string) => void,
    ): void {
        void this.#keep(stream, session).then(
            (id) => {
                callback(null, `2.0.0 Message queued with id ${id}.`);
            },
            (error: unknown) => {
                if (error instanceof SmtpRefusal) {
                    callback(error);
                    return;
                }
                const reason = error instanceof Error ? error.message : String(error);
                this.#options.log(`${this.#options.listener.name}: message not kept: ${reason}`);
                callback(
                    new SmtpRefusal(451, "4.3.0 Unable to queue the message, try again later."),
                );
            },
        );
    }

    async #keep(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
        const message = await buffer(stream);
        if (stream.sizeExceeded) throw new SmtpRefusal(552, "5.3.4 Message too big for system.");
        const account = this.#account(session);
        return this.#options.flow.accept(
            {
                listener: this.#options.listener.name,
                remoteAddress: session.remoteAddress,
                ehlo: session.hostNameAppearsAs || "",
                tls: session.secure,
                ...(account && { user: account.address }),
                mailFrom: address(session.envelope.mailFrom),
                rcptTo: session.envelope.rcptTo.map((recipient) => recipient.address),
            },
            message,
        );
    }
}
