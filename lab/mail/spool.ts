import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";

/** What the server knows of a message it took, beside its bytes. */
export interface SpooledEnvelope {
    readonly id: string;
    /** ISO 8601. */
    readonly receivedAt: string;
    /** Name of the listener that took it. */
    readonly listener: string;
    /** The client's address: what the PROXY header says, where there was one. */
    readonly remoteAddress: string;
    /** What the client called itself. */
    readonly ehlo: string;
    readonly tls: boolean;
    /** Address of the account that submitted it; absent for inbound mail. */
    readonly user?: string;
    readonly mailFrom: string;
    readonly rcptTo: readonly string[];
}

/** A message in the spool. */
export interface SpooledMessage {
    readonly envelope: SpooledEnvelope;
    /** As received, byte for byte. */
    readonly message: Buffer;
}

async function writeDurably(path: string, content: string | Buffer): Promise<void> {
    const temporary = `${path}.partial`;
    const handle = await open(temporary, "w", 0o600);
    try {
        await handle.writeFile(content);
        await handle.sync();
    } finally {
        await handle.close();
    }
    await rename(temporary, path);
}

/**
 * Accepted mail, two files a message: `<id>.eml` and, once that is on disk, `<id>.json`. What has no envelope was never
 * acknowledged.
 */
export class Spool {
    readonly directory: string;

    constructor(directory: string) {
        this.directory = directory;
    }

    /** Keeps a message; when this resolves it survives a crash. Returns its id. */
    async keep(
        envelope: Omit<SpooledEnvelope, "id" | "receivedAt">,
        message: Buffer,
    ): Promise<string> {
        const id = randomUUID();
        await mkdir(this.directory, { recursive: true });
        await writeDurably(join(this.directory, `${id}.eml`), message);
        const complete: SpooledEnvelope = {
            id,
            receivedAt: new Date().toISOString(),
            ...envelope,
        };
        await writeDurably(join(this.directory, `${id}.json`), JSON.stringify(complete));
        return id;
    }

    /** All messages, oldest first. */
    async messages(): Promise<SpooledMessage[]> {
        const names = await readdir(this.directory).catch(() => []);
        const messages = await Promise.all(
            names
                .filter((name) => name.endsWith(".json"))
                .map(async (name): Promise<SpooledMessage> => {
                    const envelope = JSON.parse(
                        await readFile(join(this.directory, name), "utf8"),
                    ) as SpooledEnvelope;
                    return {
                        envelope,
                        message: await readFile(join(this.directory, `${envelope.id}.eml`)),
                    };
                }),
        );
        return messages.sort((a, b) => a.envelope.receivedAt.localeCompare(b.envelope.receivedAt));
    }
}
