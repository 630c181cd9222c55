import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { certificate as makeCertificate } from "./mailPod.ts";

/** What somebody did at a server of a test. */
export interface RelayLog {
    /** User names that were sent, with whether TLS protected them. */
    readonly logins: { readonly user: string; readonly secure: boolean }[];
    readonly delivered: {
        readonly to: string[];
        readonly secure: boolean;
        readonly text: string;
    }[];
}

export interface RelayOptions {
    readonly host: string;
    readonly port: number;
    /** Name in its certificate. */
    readonly name: string;
    /** Its certificate. @default one that nobody signed */
    readonly certificate?: { readonly certificate: string; readonly privateKey: string };
    /** Whether it offers STARTTLS. @default true */
    readonly startTls?: boolean;
    /** Whether it demands credentials. */
    readonly login?: { readonly user: string; readonly pass: string };
}

/** A mail server of somebody else's, which writes down what is done to it. */
export async function startRelay(
    options: RelayOptions,
): Promise<{ readonly log: RelayLog; stop(): Promise<void> }> {
    const log: RelayLog = { logins: [], delivered: [] };
    const own = await makeCertificate(options.name);
    const { certificate, privateKey } = options.certificate ?? {
        certificate: own.certificate,
        privateKey: own.key,
    };
    const server = new SMTPServer({
        name: options.name,
        cert: certificate,
        key: privateKey,
        hideSTARTTLS: options.startTls === false,
        allowInsecureAuth: true,
        authOptional: options.login === undefined,
        disabledCommands: options.login === undefined ? ["AUTH"] : [],
        disableReverseLookup: true,
        logger: false,
        onAuth: ({ username = "", password }, { secure }, done) => {
            log.logins.push({ user: username, secure });
            if (username === options.login?.user && password === options.login.pass)
                done(null, { user: username });
            else done(new Error("wrong credentials"));
        },
        onData: (stream, { envelope, secure }, done) => {
            void buffer(stream).then((message) => {
                log.delivered.push({
                    to: envelope.rcptTo.map(({ address }) => address),
                    secure,
                    text: message.toString("latin1"),
                });
                done(null);
            });
        },
    });
    server.on("error", () => undefined);
    server.listen(options.port, options.host);
    await once(server.server, "listening");
    return {
        log,
        stop: () =>
            new Promise((resolve) => {
                server.close(() => {
                    resolve();
                });
            }),
    };
}
