import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { TlsStrategy } from "./stalwartOutbound.ts";

/** What became of a message for one recipient. */
export type Outcome =
    | { readonly kind: "delivered"; readonly host: string }
    | {
          readonly kind: "deferred" | "refused";
          /** Server that said so; absent where none was reached. */
          readonly host?: string;
          /** Reply of the server, or what went wrong before there was one. */
          readonly reason: string;
          /** Whether it was TLS that failed. */
          readonly tls: boolean;
      };

/** One server at one address. */
export interface NextHop {
    /** Its certificate is checked against this name. */
    readonly name: string;
    readonly address: string;
    readonly port: number;
}

/** How to speak to another server. */
export interface SessionOptions {
    readonly ehlo: string;
    /** Address that the connection comes from. */
    readonly localAddress?: string;
    /** Milliseconds. */
    readonly connectTimeout: number;
    /** Certificates of authorities that are trusted, PEM. */
    readonly authorities: readonly string[];
    readonly tls: TlsStrategy;
    /** Credentials; sent over verified TLS only. */
    readonly login?: { readonly user: string; readonly pass: string };
}

export interface OutgoingMessage {
    /** Empty for a bounce. */
    readonly mailFrom: string;
    readonly recipients: readonly string[];
    readonly message: Buffer;
}

/** A server could not be spoken to: another one may be tried. */
export class SessionFailure extends Error {
    readonly tls: boolean;

    constructor(message: string, tls: boolean, cause?: unknown) {
        super(message, { cause });
        this.name = "SessionFailure";
        this.tls = tls;
    }
}

/** What is read of the client's errors. */
interface SmtpError extends Error {
    readonly code?: string | undefined;
    readonly syscall?: string | undefined;
    readonly response?: string | undefined;
    readonly responseCode?: number | undefined;
    readonly recipient?: string | undefined;
    readonly rejectedErrors?: readonly SmtpError[] | undefined;
}

/** Errors of sockets name a system call, those of TLS do not. */
function isTlsError({ code, syscall }: SmtpError): boolean {
    return code === "ETLS" || (code === "ESOCKET" && syscall === undefined);
}

function replyOutcome(host: string, error: SmtpError): Outcome {
    const permanent = (error.responseCode ?? 0) >= 500;
    return {
        kind: permanent ? "refused" : "deferred",
        host,
        reason: error.response ?? error.message,
        tls: false,
    };
}

async function open(hop: NextHop, options: SessionOptions): Promise<SMTPConnection> {
    const { tls, localAddress } = options;
    const connection = new SMTPConnection({
        host: hop.address,
        port: hop.port,
        name: options.ehlo,
        requireTLS: tls.required,
        connectionTimeout: options.connectTimeout,
        ...(localAddress !== undefined && { localAddress }),
        tls: {
            servername: hop.name,
            ca: [...options.authorities],
            rejectUnauthorized: tls.verified,
        },
    });
    await new Promise<void>((resolve, reject) => {
        const fail = (error: SmtpError) => {
            reject(new SessionFailure(`${hop.name}: ${error.message}`, isTlsError(error), error));
        };
        connection.once("error", fail);
        connection.connect((error) => {
            if (error) fail(error);
            else resolve();
        });
    });
    // A connection that breaks later ends what waits for it; nobody else has to hear of it.
    connection.on("error", () => undefined);
    return connection;
}

/** Credentials go over a connection that is encrypted and verified, or nowhere. */
async function logIn(connection: SMTPConnection, hop: NextHop, options: SessionOptions) {
    const { login, tls } = options;
    if (login === undefined) return;
    if (!connection.secure || !tls.verified)
        throw new SessionFailure(`${hop.name}: no verified TLS to send credentials over`, true);
    await new Promise<void>((resolve, reject) => {
        connection.login(login, (error) => {
            if (error) reject(error);
            else resolve();
        });
    });
}

async function send(
    connection: SMTPConnection,
    hop: NextHop,
    { mailFrom, recipients, message }: OutgoingMessage,
): Promise<Map<string, Outcome>> {
    const rejected = await new Promise<readonly SmtpError[]>((resolve, reject) => {
        connection.send({ from: mailFrom, to: [...recipients] }, message, (error, info) => {
            if (error === null) resolve(info.rejectedErrors ?? []);
            else if (error.rejectedErrors) resolve(error.rejectedErrors);
            else reject(error);
        });
    });
    const refusals = new Map(rejected.map((error) => [error.recipient, error]));
    return new Map(
        recipients.map((recipient): [string, Outcome] => {
            const refusal = refusals.get(recipient);
            return [
                recipient,
                refusal ? replyOutcome(hop.name, refusal) : { kind: "delivered", host: hop.name },
            ];
        }),
    );
}

/**
 * Hands a message to one server, by recipient.
 *
 * @throws SessionFailure when there was no conversation to hand it over in
 */
export async function deliverTo(
    hop: NextHop,
    outgoing: OutgoingMessage,
    options: SessionOptions,
): Promise<Map<string, Outcome>> {
    const connection = await open(hop, options);
    try {
        await logIn(connection, hop, options);
        return await send(connection, hop, outgoing);
    } catch (error) {
        if (error instanceof SessionFailure) throw error;
        const outcome = replyOutcome(hop.name, error as SmtpError);
        return new Map(outgoing.recipients.map((recipient) => [recipient, outcome]));
    } finally {
        connection.quit();
    }
}
