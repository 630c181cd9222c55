import type { ExamineOptions } from "./doctor.ts";

/** Milliseconds after which a check that still runs is mentioned, again and again. */
const PATIENCE = 5_000;

/** Says how far an examination is: each check when it is through, and one that takes long while it does. */
export function progress(
    total: number,
    say: (line: string) => void,
): Required<Pick<ExamineOptions, "onStart" | "onResult">> & { readonly stop: () => void } {
    let done = 0;
    let begun = 0;
    let timer: NodeJS.Timeout | undefined;
    const elapsed = () => `${((Date.now() - begun) / 1000).toFixed(1)} s`;
    return {
        onStart: ({ id }) => {
            begun = Date.now();
            timer = setInterval(() => {
                say(`… ${done + 1}/${total} ${id}: ${elapsed()}`);
            }, PATIENCE);
        },
        onResult: ({ id, status }) => {
            clearInterval(timer);
            done++;
            say(`${done}/${total} ${id}: ${status} (${elapsed()})`);
        },
        stop: () => {
            clearInterval(timer);
        },
    };
}
