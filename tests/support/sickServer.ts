import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { createTransport } from "nodemailer";
import { SMTPServer } from "smtp-server";
import type { Endpoint } from "../../operations/doctor/examination.ts";

/** What a sick server does that a healthy one does not. */
export interface Sickness {
    /** Name in its greeting. @default the healthy one's */
    readonly name?: string;
    /** Lets clients log in without TLS. @default false */
    readonly plainLogin?: boolean;
    /** Takes mail in anybody's name. @default false */
    readonly anySender?: boolean;
    /** Takes mail of strangers for strangers. @default false */
    readonly openRelay?: boolean;
    /** Told of every attempt to log in. */
    readonly onLogin?: () => void;
    /** Mailboxes that are missing. @default none */
    readonly missing?: readonly string[];
}

export interface SickServerOptions extends Sickness {
    /** Address that it listens at. */
    readonly host: string;
    /** PEM, of the healthy server. */
    readonly certificate: string;
    readonly key: string;
    readonly fqdn: string;
    /** The account that may log in; for a server that submission goes through. */
    readonly login?: { readonly user: string; readonly password: string };
    /** The healthy server, which submissions are handed on to. */
    readonly submission?: Endpoint;
}

const MAILBOXES = ["noreply", "postmaster", "abuse", "dmarc", "tls-rpt"];

function refusal(responseCode: number, message: string): Error {
    return Object.assign(new Error(message), { responseCode });
}

/** A mail server that stands in the healthy one's place, with its certificate and one fault, at a port of its own. */
export async function sickServer(
    options: SickServerOptions,
): Promise<Endpoint & { readonly close: () => Promise<void> }> {
    const { fqdn, login, submission, missing = [], host } = options;
    const known = MAILBOXES.filter((box) => !missing.includes(box)).map((box) => `${box}@${fqdn}`);
    const server = new SMTPServer({
        name: options.name ?? `mail.${fqdn}`,
        banner: "at your service",
        cert: options.certificate,
        key: options.key,
        disableReverseLookup: true,
        logger: false,
        authOptional: true,
        authMethods: ["PLAIN", "LOGIN"],
        disabledCommands: ["AUTH"],
        // It would offer AUTH before TLS too.
        onConnect: (_session, done) => {
            server.options.disabledCommands = options.plainLogin === true ? [] : ["AUTH"];
            done();
        },
        onSecure: (_socket, _session, done) => {
            server.options.disabledCommands = login ? [] : ["AUTH"];
            done();
        },
        allowInsecureAuth: options.plainLogin ?? false,
        onAuth: ({ username, password }, _session, done) => {
            options.onLogin?.();
            if (username === login?.user && password === login?.password)
                done(null, { user: username });
            else done(refusal(535, "5.7.8 Authentication credentials invalid."));
        },
        onMailFrom: ({ address }, _session, done) => {
            const allowed = login === undefined || options.anySender === true;
            done(
                allowed || address === login.user
                    ? null
                    : refusal(501, "5.5.4 You are not allowed to send from this address."),
            );
        },
        onRcptTo: ({ address }, _session, done) => {
            const taken = login !== undefined || options.openRelay === true;
            if (known.includes(address)) done();
            else if (taken && !address.endsWith(`@${fqdn}`)) done();
            else done(refusal(550, "5.1.2 Relay not allowed."));
        },
        onData: (stream, session, done) => {
            const handOn = async () => {
                const raw = await buffer(stream);
                const transport = createTransport({
                    ...submission,
                    requireTLS: true,
                    auth: { user: login?.user ?? "", pass: login?.password ?? "" },
                    tls: { rejectUnauthorized: false },
                });
                const { mailFrom, rcptTo } = session.envelope;
                const from = mailFrom ? mailFrom.address : "";
                await transport.sendMail({
                    envelope: { from, to: rcptTo.map(({ address }) => address) },
                    raw,
                });
                transport.close();
            };
            handOn().then(
                () => {
                    done();
                },
                (error: unknown) => {
                    done(refusal(451, String(error)));
                },
            );
        },
    });
    server.on("error", () => undefined);
    server.listen(0, host);
    await once(server.server, "listening");
    const { port } = server.server.address() as AddressInfo;
    return {
        host,
        port,
        close: () =>
            new Promise((resolve) => {
                server.close(() => {
                    resolve();
                });
            }),
    };
}
