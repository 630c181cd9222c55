import { isSecret, isUnknown, SECRET_SHOWN } from "./secretValues.ts";
import type { Concealment } from "./secretValues.ts";

/** What is shown for a value that only the deployment will know. */
export const UNKNOWN_SHOWN = "(known after apply)";

/** Characters of a value that are shown; of a longer one, the part where it differs. */
const SHOWN = 160;

/** Characters before the first difference that are shown with it. */
const CONTEXT = 30;

/** Control characters, and those that reorder or hide text: shown by their code, so that nothing looks like something else. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** One line of a text that a person can trust: nothing invisible, no line break. */
export function printable(text: string): string {
    return text
        .toWellFormed()
        .replaceAll(INVISIBLE, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A value as JSON on one line, keys in order, without secrets; what is unknown says so. */
export function valueText(key: string, value: unknown, concealment: Concealment): string {
    return printable(concealment.conceal(json(key, value)));
}

function json(key: string, value: unknown): string {
    if (isUnknown(value)) return UNKNOWN_SHOWN;
    if (isSecret(key, value)) return SECRET_SHOWN;
    if (Array.isArray(value)) return `[${value.map((element) => json(key, element)).join(", ")}]`;
    if (typeof value === "object" && value !== null)
        return `{${shownEntries(value)
            .map(([k, v]) => `${JSON.stringify(k)}: ${json(k, v)}`)
            .join(", ")}}`;
    return value === undefined ? "null" : JSON.stringify(value);
}

/** The entries of an object that people deal with, in order; the engine's and providers' own begin with `__`. */
export function shownEntries(value: object): [string, unknown][] {
    return Object.entries(value)
        .filter(([key, inner]) => !key.startsWith("__") && inner !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The start of a text that is too long to show. */
export function clip(text: string, limit = SHOWN): string {
    return text.length <= limit
        ? text
        : `${text.slice(0, limit - 1).toWellFormed()}… (${text.length} characters)`;
}

/** Two texts, or where they are long the part in which they differ. */
export function clipPair(before: string, after: string): readonly [string, string] {
    if (Math.max(before.length, after.length) <= SHOWN) return [before, after];
    let same = 0;
    while (same < before.length && before[same] === after[same]) same++;
    const start = Math.max(0, same - CONTEXT);
    return [part(before, start), part(after, start)];
}

function part(text: string, start: number): string {
    const shown = text.slice(start, start + SHOWN).toWellFormed();
    const end = start + SHOWN < text.length ? "…" : "";
    return `${start > 0 ? "…" : ""}${shown}${end}`;
}
