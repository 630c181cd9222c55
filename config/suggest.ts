import { closest, distance } from "fastest-levenshtein";

/** The one of `words` that `word` was probably meant to be, if any is near. */
export function nearest(word: string, words: readonly string[]): string | undefined {
    const best = closest(word, words);
    return distance(word, best) <= Math.max(2, Math.floor(word.length / 4)) ? best : undefined;
}
