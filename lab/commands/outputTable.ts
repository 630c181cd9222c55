import { table } from "./table.ts";

/** Longest value that a table shows whole. */
const LONGEST = 72;

function text(value: unknown): string {
    const whole = typeof value === "string" ? value : JSON.stringify(value);
    const line = whole.split("\n")[0] ?? "";
    return line.length > LONGEST || line.length < whole.trimEnd().length
        ? `${line.slice(0, LONGEST - 1)}…`
        : line;
}

function count(entries: number): string {
    return entries === 1 ? "1 entry" : `${entries} entries`;
}

/**
 * Name and value of every output, nested ones by dotted names, in the order of the stack. Lists of objects are counted: they are in
 * `npm run outputs`.
 *
 * @param outputs - as `pulumi stack output --json` prints them, secrets as `[secret]`
 */
export function outputRows(outputs: Readonly<Record<string, unknown>>, prefix = ""): string[][] {
    return Object.entries(outputs).flatMap(([name, value]) => {
        const path = `${prefix}${name}`;
        if (Array.isArray(value)) {
            const objects = value.some((item) => typeof item === "object" && item !== null);
            return [[path, objects ? count(value.length) : text(value.join(", "))]];
        }
        if (typeof value === "object" && value !== null)
            return outputRows(value as Record<string, unknown>, `${path}.`);
        return [[path, text(value)]];
    });
}

/** The outputs as a table for people. */
export function outputTable(outputs: Readonly<Record<string, unknown>>): string {
    return table(["output", "value"], outputRows(outputs));
}
