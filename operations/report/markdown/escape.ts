import type { Words } from "../words.ts";

/**
 * A value as a code span. Inside one, GitHub takes nothing for markup, a mention or a reference; the fence is longer than any run of
 * backticks in the value. Values hold no line breaks.
 */
export function code(value: string): string {
    if (value === "") return "`(empty)`";
    const fence = "`".repeat(longestRun(value) + 1);
    const space = /^[` ]|[` ]$/.test(value) ? " " : "";
    return `${fence}${space}${value}${space}${fence}`;
}

/** A code span in a cell of a table, where a pipe would end the cell even inside code. */
export function codeCell(value: string): string {
    return code(value).replaceAll("|", "\\|");
}

/** A sentence with its values as code spans. */
export function sentence(text: Words): string {
    return text.map((part) => (typeof part === "string" ? part : code(part.value))).join("");
}

/** Lines as they are, in a block that none of them can end. */
export function fenced(language: string, lines: readonly string[]): string {
    const fence = "`".repeat(Math.max(3, longestRun(lines.join("\n")) + 1));
    return `${fence}${language}\n${lines.join("\n")}\n${fence}`;
}

/** A text inside HTML. */
export function html(text: string): string {
    return text
        .replaceAll("&", "&amp;")
        .replaceAll("<", "&lt;")
        .replaceAll(">", "&gt;")
        .replaceAll('"', "&quot;");
}

/** A folded part. Values in its title belong into {@link htmlCode}. */
export function folded(title: string, body: string): string {
    return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

/** A value inside HTML, where it pings nobody. */
export function htmlCode(value: string): string {
    return `<code>${html(value)}</code>`;
}

function longestRun(text: string): number {
    return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
