import { structuredPatch } from "diff";
import { clip, printable } from "./valueText.ts";

/** Unchanged lines that are shown beside a change. */
const CONTEXT = 1;

/** The lines of a text that go, come, or stand beside those, each with its sign. */
export function textChanges(before: string, after: string): string[] {
    const { hunks } = structuredPatch("", "", before, after, "", "", { context: CONTEXT });
    return hunks
        .flatMap(({ lines }) => lines)
        .filter((line) => !line.startsWith("\\"))
        .map((line) => `${line.slice(0, 1)}${clip(printable(line.slice(1)))}`);
}
