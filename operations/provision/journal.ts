import { appendFile, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ProgressEvent } from "./events.ts";

/** Bytes after which the journal is put aside as `events.jsonl.1`. */
const LARGEST = 16 * 1024 * 1024;

/** The events of a stack's operations, one JSON object a line, kept in its work directory. */
export class Journal {
    readonly #file: string;
    #writing: Promise<void> = Promise.resolve();
    #failure: unknown;

    constructor(workDirectory: string) {
        this.#file = join(workDirectory, "events.jsonl");
    }

    /** Puts a full journal aside. */
    async open(): Promise<void> {
        const size = await stat(this.#file).then(
            (found) => found.size,
            () => 0,
        );
        if (size > LARGEST) await rename(this.#file, `${this.#file}.1`);
    }

    write(event: ProgressEvent): void {
        const line = `${JSON.stringify(event)}\n`;
        this.#writing = this.#writing
            .then(() => appendFile(this.#file, line, { mode: 0o600 }))
            .catch((error: unknown) => {
                // A full disk must not end what the engine is doing.
                this.#failure ??= error;
            });
    }

    /** Resolves when everything is written, to what went wrong on the way. */
    async flush(): Promise<unknown> {
        await this.#writing;
        return this.#failure;
    }

    /** The last event; undefined before the first. */
    async last(): Promise<ProgressEvent | undefined> {
        const text = await readFile(this.#file, "utf8").catch(() => "");
        // A killed process may leave half of a line.
        for (const line of text.trimEnd().split("\n").reverse())
            try {
                return JSON.parse(line) as ProgressEvent;
            } catch {
                continue;
            }
        return undefined;
    }
}
