import { ReadBackMismatch } from "./failures.ts";
import type { RegistrarTransport } from "./transport.ts";

/** How often a write is read back before it counts as not done, and milliseconds before the second look; it doubles. */
const READ_BACKS = 5;
const FIRST_PAUSE = 500;

/** A change to make at a registrar. */
export interface RegistrarChange<T> {
    /** What it does, for errors. */
    readonly action: string;
    /** Reads once what it changes. */
    read(): Promise<T>;
    /** Whether that is as it should be. */
    isDone(live: T): boolean;
    write(live: T): Promise<void>;
    /** What is there, for people. */
    show(live: T): string;
    /** What should be there, for people. */
    readonly wanted: string;
}

/**
 * Reads, writes where something is missing, and reads back. A write whose answer was lost is repeated only where reading shows
 * that it was not carried out; where reading shows what neither we nor it had before, somebody else is at work, and it ends with
 * {@link ReadBackMismatch}.
 */
export async function change<T>(
    transport: RegistrarTransport,
    asked: RegistrarChange<T>,
): Promise<void> {
    const { action, wanted } = asked;
    let before: string | undefined;
    await transport.persistently(async () => {
        const live = await asked.read();
        if (asked.isDone(live)) return;
        const found = asked.show(live);
        if (before !== undefined && before !== found) throw mismatch(found);
        before = found;
        await asked.write(live);
        const after = await readBack(transport, asked);
        if (!asked.isDone(after)) throw mismatch(asked.show(after));
    });

    function mismatch(found: string): Error {
        const details = { before: before ?? "unknown", wanted, found };
        return new ReadBackMismatch(transport.registrar, action, details);
    }
}

async function readBack<T>(transport: RegistrarTransport, asked: RegistrarChange<T>): Promise<T> {
    for (let look = 1; ; look++) {
        const live = await asked.read();
        if (asked.isDone(live) || look === READ_BACKS) return live;
        await transport.rest(FIRST_PAUSE * 2 ** (look - 1));
    }
}
