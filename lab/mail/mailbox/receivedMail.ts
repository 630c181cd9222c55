import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Verdict } from "../../../operations/doctor/verdict.ts";

/** A message as the mailbox provider received and judged it. */
export interface ReceivedMessage {
    readonly id: string;
    /** ISO 8601. */
    readonly receivedAt: string;
    readonly remoteAddress: string;
    readonly ehlo: string;
    /** Protocol of the connection, for example `TLSv1.3`; null where it was not encrypted. */
    readonly tls: string | null;
    readonly mailFrom: string;
    readonly rcptTo: readonly string[];
    readonly verdict: Verdict;
    /** Folder that it was put into. */
    readonly folder: "INBOX" | "Junk";
    /** Header fields that the provider put in front of the message: its trace, and what it thinks of it. */
    readonly stamp: string;
    /** As received, one character per byte. */
    readonly message: string;
}

/** Received mail in a directory, one file a message. */
export class ReceivedMail {
    readonly #directory: string;

    constructor(directory: string) {
        this.#directory = directory;
    }

    async keep(received: Omit<ReceivedMessage, "id" | "receivedAt">): Promise<string> {
        const message: ReceivedMessage = {
            id: randomUUID(),
            receivedAt: new Date().toISOString(),
            ...received,
        };
        await mkdir(this.#directory, { recursive: true });
        await writeFile(join(this.#directory, `${message.id}.json`), JSON.stringify(message));
        return message.id;
    }

    /** Everything, oldest first. */
    async list(): Promise<ReceivedMessage[]> {
        const names = await readdir(this.#directory).catch(() => []);
        const messages = await Promise.all(
            names.map(
                async (name) =>
                    JSON.parse(
                        await readFile(join(this.#directory, name), "utf8"),
                    ) as ReceivedMessage,
            ),
        );
        return messages.sort((a, b) => a.receivedAt.localeCompare(b.receivedAt));
    }

    async clear(): Promise<void> {
        await rm(this.#directory, { recursive: true, force: true });
    }
}
