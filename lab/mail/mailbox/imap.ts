import { once } from "node:events";
import type { Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { fieldValues } from "../../../operations/doctor/headerFields.ts";
import type { HostCertificate } from "./certificate.ts";
import type { ReceivedMail, ReceivedMessage } from "./receivedMail.ts";

/** Password of every mailbox. It guards nothing: the server listens on loopback. */
export const MAILBOX_PASSWORD = "lab-mailbox";

/** Folders, and what they are for (RFC 6154). */
const FOLDERS = { INBOX: "\\HasNoChildren", Junk: "\\HasNoChildren \\Junk" } as const;

type Folder = keyof typeof FOLDERS;

export interface ImapOptions {
    readonly host: string;
    readonly port: number;
    readonly certificate: HostCertificate;
    readonly mail: ReceivedMail;
}

/** Words of a command; a quoted string is one word, without its quotes. */
function words(line: string): string[] {
    return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? "",
    );
}

function full({ stamp, message }: ReceivedMessage): string {
    return `${stamp}${message}`;
}

/** One client's session: what IMAP4rev1 (RFC 3501) needs to look for messages and read them, and nothing else. */
class Session {
    readonly #mail: ReceivedMail;
    readonly #socket: Socket;
    #user: string | undefined;
    #folder: Folder | undefined;

    constructor(mail: ReceivedMail, socket: Socket) {
        this.#mail = mail;
        this.#socket = socket;
        this.#send("* OK [CAPABILITY IMAP4rev1 SPECIAL-USE] ready");
    }

    #send(line: string): void {
        this.#socket.write(`${line}\r\n`, "latin1");
    }

    async command(line: string): Promise<void> {
        const [tag = "*", verb = "", ...rest] = words(line);
        const name = verb.toUpperCase();
        const [uid, what] =
            name === "UID" ? [true, (rest.shift() ?? "").toUpperCase()] : [false, name];
        this.#send(`${tag} ${await this.#run(what, rest, uid)}`);
        if (what === "LOGOUT") this.#socket.end();
    }

    async #run(what: string, rest: readonly string[], uid: boolean): Promise<string> {
        switch (what) {
            case "CAPABILITY":
                this.#send("* CAPABILITY IMAP4rev1 SPECIAL-USE");
                return "OK done";
            case "NOOP":
            case "CLOSE":
                return "OK done";
            case "LOGOUT":
                this.#send("* BYE");
                return "OK done";
            case "LOGIN":
                if (rest[1] !== MAILBOX_PASSWORD) return "NO [AUTHENTICATIONFAILED] no such login";
                this.#user = rest[0]?.toLowerCase();
                return "OK done";
        }
        return this.#user === undefined
            ? "NO log in first"
            : await this.#inMailbox(what, rest, uid);
    }

    async #inMailbox(what: string, rest: readonly string[], uid: boolean): Promise<string> {
        switch (what) {
            case "LIST":
            case "LSUB":
                for (const [name, flags] of Object.entries(FOLDERS))
                    if (["*", "%", name].includes(rest[1] ?? ""))
                        this.#send(`* ${what} (${flags}) "/" ${name}`);
                return "OK done";
            case "SELECT":
            case "EXAMINE":
                return await this.#select(rest[0] ?? "");
            case "SEARCH":
                return await this.#search(rest);
            case "FETCH":
                return await this.#fetch(rest, uid);
            default:
                return "BAD the lab's mailbox provider does not play this";
        }
    }

    /** Messages of the open folder; their place is sequence number and UID at once, as nothing is ever removed. */
    async #messages(): Promise<ReceivedMessage[]> {
        const user = this.#user ?? "";
        return (await this.#mail.list()).filter(
            ({ rcptTo, folder }) => rcptTo.includes(user) && folder === this.#folder,
        );
    }

    async #select(name: string): Promise<string> {
        this.#folder = (Object.keys(FOLDERS) as Folder[]).find(
            (folder) => folder.toLowerCase() === name.toLowerCase(),
        );
        if (this.#folder === undefined) return "NO no such folder";
        const { length } = await this.#messages();
        for (const line of [
            "FLAGS (\\Seen)",
            `${length} EXISTS`,
            "0 RECENT",
            "OK [UIDVALIDITY 1]",
            `OK [UIDNEXT ${length + 1}]`,
        ])
            this.#send(`* ${line}`);
        return "OK [READ-ONLY] done";
    }

    async #search(criteria: readonly string[]): Promise<string> {
        const at = criteria.findIndex((word) => word.toUpperCase() === "SUBJECT");
        const subject = criteria[at + 1];
        if (at < 0 || subject === undefined) return "BAD only SUBJECT can be searched for";
        const found = (await this.#messages()).flatMap(({ message }, i) =>
            fieldValues(Buffer.from(message, "latin1"), "Subject").some((value) =>
                value.toLowerCase().includes(subject.toLowerCase()),
            )
                ? [i + 1]
                : [],
        );
        this.#send(`* SEARCH ${found.join(" ")}`.trimEnd());
        return "OK done";
    }

    async #fetch([set = "", ...items]: readonly string[], uid: boolean): Promise<string> {
        const number = Number(set.split(/[:,]/)[0]);
        const message = (await this.#messages())[number - 1];
        if (message === undefined || !/BODY(\.PEEK)?\[\]/i.test(items.join(" "))) return "OK none";
        const text = full(message);
        const marks = uid ? `UID ${number} ` : "";
        this.#send(`* ${number} FETCH (${marks}BODY[] {${text.length}}\r\n${text})`);
        return "OK done";
    }
}

/** Lets owners of mailboxes look into them by IMAP over TLS. */
export async function startImap(options: ImapOptions): Promise<() => Promise<void>> {
    const { certificate, privateKey } = options.certificate;
    const sockets = new Set<TLSSocket>();
    const server = createServer({ cert: certificate, key: privateKey }, (socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        socket.on("error", () => socket.destroy());
        const session = new Session(options.mail, socket);
        let buffered = "";
        let work = Promise.resolve();
        socket.on("data", (chunk: Buffer) => {
            const lines = (buffered + chunk.toString("latin1")).split("\r\n");
            buffered = lines.pop() ?? "";
            for (const line of lines)
                work = work.then(() => session.command(line)).catch(() => void socket.destroy());
        });
    });
    server.listen(options.port, options.host);
    await once(server, "listening");
    return async () => {
        for (const socket of sockets) socket.destroy();
        server.close();
        await once(server, "close");
    };
}
