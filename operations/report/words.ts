import type { Concealment } from "./secretValues.ts";
import { clip, printable } from "./valueText.ts";

/** A sentence: our own words, and values out of the plan, which no output format may take for anything but text. */
export type Words = readonly (string | { readonly value: string })[];

/** The longest value inside a sentence. */
const LONGEST = 80;

/** Makes a sentence: texts that are interpolated are values, numbers are words. */
export function words(texts: TemplateStringsArray, ...values: readonly (string | number)[]): Words {
    return texts
        .flatMap((text, at) => {
            const value = values[at];
            if (value === undefined) return [text];
            return [text, typeof value === "number" ? String(value) : { value }];
        })
        .filter((part) => part !== "");
}

/** Several sentences or parts of them as one. */
export function joined(...parts: readonly Words[]): Words {
    return parts.flat();
}

/** A sentence as it may be shown: its values without secrets, on one line and not too long. */
export function shown(sentence: Words, concealment: Concealment): Words {
    return sentence.map((part) =>
        typeof part === "string"
            ? part
            : { value: clip(printable(concealment.conceal(part.value)), LONGEST) },
    );
}

/** The sentence as plain text. */
export function plainWords(sentence: Words): string {
    return sentence.map((part) => (typeof part === "string" ? part : part.value)).join("");
}
