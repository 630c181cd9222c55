import type { PropertyChange } from "./propertyChanges.ts";

/** Property changes as lines of a diff, each with its sign first. */
export function propertyLines(changes: readonly PropertyChange[]): string[] {
    return changes.flatMap(({ path, before, after, note, lines }) => [
        ...(before === undefined ? [] : [`- ${path}: ${before}`]),
        ...(after === undefined ? [] : [`+ ${path}: ${after}`]),
        ...(note === undefined ? [] : [`! ${path}: ${note}`]),
        ...(lines === undefined ? [] : [`! ${path}, lines of text:`, ...lines]),
    ]);
}

/** A change on one line: `serverType: "cx23" → "cx33"`. */
export function propertyPhrase({ path, before, after, note, lines }: PropertyChange): string {
    if (note !== undefined) return `${path}: ${note}`;
    if (lines !== undefined) return `${path}: text changes`;
    if (before === undefined && after === undefined) return path;
    return `${path}: ${before ?? "(none)"} → ${after ?? "(none)"}`;
}
