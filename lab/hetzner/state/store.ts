import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { type CloudState, type ProjectState, emptyCloud, emptyProject } from "./model.ts";

const WRITE_DELAY_MS = 50;

/**
 * The cloud's state: in memory, and in one JSON file that is replaced atomically. A change is written at the latest
 * 50 ms after it; {@link StateStore.flush} waits until everything so far is on disk.
 */
export class StateStore {
    state: CloudState = emptyCloud();
    readonly #file: string;
    readonly #listeners: (() => void)[] = [];
    #dirty = false;
    #timer: NodeJS.Timeout | undefined;
    #writing: Promise<void> = Promise.resolve();

    constructor(file: string) {
        this.#file = file;
    }

    /** Reads the file, or begins empty where there is none. Throws on a file that can't be understood. */
    async load(): Promise<void> {
        let text: string;
        try {
            text = await readFile(this.#file, "utf8");
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
            this.state = emptyCloud();
            return;
        }
        this.state = parseState(text, this.#file);
    }

    project(name: string): ProjectState {
        return (this.state.projects[name] ??= emptyProject());
    }

    nextId(): number {
        return this.state.nextId++;
    }

    /** Calls `listener` after each change. */
    onChange(listener: () => void): void {
        this.#listeners.push(listener);
    }

    /** To be called after every change of the state. */
    changed(): void {
        this.#dirty = true;
        this.#timer ??= setTimeout(() => {
            // A failed write is tried again with the next change, and fails the request that made that.
            this.flush().catch(() => undefined);
        }, WRITE_DELAY_MS);
        for (const listener of this.#listeners) listener();
    }

    /** Resolves when every change so far is on disk. */
    async flush(): Promise<void> {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        const previous = this.#writing;
        this.#writing = previous.catch(() => undefined).then(() => this.#write());
        await this.#writing;
    }

    async #write(): Promise<void> {
        if (!this.#dirty) return;
        this.#dirty = false;
        try {
            await this.#replace();
        } catch (error) {
            this.#dirty = true;
            throw error;
        }
    }

    async #replace(): Promise<void> {
        const temporary = `${this.#file}.new`;
        await mkdir(dirname(this.#file), { recursive: true });
        const handle = await open(temporary, "w", 0o600);
        try {
            await handle.writeFile(JSON.stringify(this.state));
        } finally {
            await handle.close();
        }
        await rename(temporary, this.#file);
    }
}

/** Reads a saved state. Throws where the text isn't one; `origin` says in the error where it came from. */
export function parseState(text: string, origin: string): CloudState {
    let parsed: unknown;
    try {
        parsed = JSON.parse(text);
    } catch {
        throw new Error(
            `${origin} is not JSON. It holds the emulated cloud's state; remove it to begin with an empty cloud`,
        );
    }
    const state = parsed as Partial<CloudState> | null;
    if (state?.version !== 1 || typeof state.projects !== "object")
        throw new Error(
            `${origin} is not a state of version 1 of the emulated cloud; remove it to begin with an empty cloud`,
        );
    const complete: CloudState = { ...emptyCloud(), ...(state as CloudState) };
    for (const [name, project] of Object.entries(complete.projects))
        complete.projects[name] = { ...emptyProject(), ...project };
    return complete;
}
