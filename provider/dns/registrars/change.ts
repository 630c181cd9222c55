import { ReadBackMismatch } from "./failures.ts";
import { sameSet } from "./names.ts";
import type { RegistrarTransport } from "./transport.ts";

/** Milliseconds before a reading is repeated; it doubles up to the longest, and in all it is {@link LAG}. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/** Milliseconds for which a reading may lag behind. */
const LAG = 7500;

/** A change to make at a registrar. */
export interface RegistrarChange<T> {
    /** What it does, for errors. */
    readonly action: string;
    /** Reads once what it changes. */
    read(): Promise<T>;
    /** Whether that is as it should be. */
    isDone(live: T): boolean;
    /**
     * Whether that is what the decision to change it stands on. Where it is not, the reading lags behind, or somebody else is at work:
     * it is repeated, and nothing is written unless it comes to be so.
     *
     * @default anything is
     */
    isExpected?(live: T): boolean;
    write(live: T): Promise<void>;
    /** What is there, for people. */
    show(live: T): string;
    /** What should be there, for people. */
    readonly wanted: string;
    /** Milliseconds that it may take until what was written is to be seen. @default 7500 */
    readonly patience?: number;
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
    const { action, wanted, patience = LAG } = asked;
    const isExpected = (live: T) => asked.isExpected?.(live) ?? true;
    const isDone = (live: T) => asked.isDone(live);
    let before: string | undefined;
    await transport.persistently(async () => {
        const live =
            before === undefined
                ? await readUntil(transport, asked, isExpected)
                : await asked.read();
        if (isDone(live)) return;
        const found = asked.show(live);
        if (before === undefined ? !isExpected(live) : before !== found) throw mismatch(found);
        before = found;
        await asked.write(live);
        const after = await readUntil(transport, asked, isDone, patience);
        if (!isDone(after)) throw mismatch(asked.show(after));
    });

    function mismatch(found: string): Error {
        const { registrar } = transport;
        return new ReadBackMismatch(registrar, action, { before, wanted, found });
    }
}

/** Reads names again and again while that may help, and until they are the expected ones, for as long as a reading may lag behind. */
export function readNames(
    transport: RegistrarTransport,
    read: () => Promise<string[]>,
    expected: readonly string[] | undefined,
): Promise<string[]> {
    const isRight = (live: readonly string[]) => sameSet(live, expected ?? live);
    return transport.persistently(() => readUntil(transport, { read }, isRight));
}

/** Reads until it is as it should be, for as long as a reading may lag behind; resolves to the last reading. */
async function readUntil<T>(
    transport: RegistrarTransport,
    { read }: Pick<RegistrarChange<T>, "read">,
    isRight: (live: T) => boolean,
    patience: number = LAG,
): Promise<T> {
    let pause = FIRST_PAUSE;
    for (let rested = 0; ; rested += pause, pause = Math.min(2 * pause, LONGEST_PAUSE)) {
        const live = await read();
        if (isRight(live) || rested + pause > patience) return live;
        await transport.rest(pause);
    }
}
