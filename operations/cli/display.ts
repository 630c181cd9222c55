import type { ProgressEvent } from "../provision/events.ts";
import { lineOf, statusOf } from "./progressText.ts";

/** Where progress goes. */
export interface Terminal {
    readonly isTTY?: boolean;
    readonly columns?: number;
    write(text: string): unknown;
}

/** Erases the line that the cursor is in (ECMA-48, EL with parameter 2). */
const ERASE_LINE = "\u001B[2K\r";

/** Shows progress: lines, and on a terminal a status below them that is rewritten. */
export function showOn(terminal: Terminal): (event: ProgressEvent) => void {
    let status = "";
    const put = (text: string) => {
        terminal.write(status === "" ? text : ERASE_LINE + text);
    };
    return (event) => {
        const line = lineOf(event);
        const next = event.type === "finished" ? "" : (statusOf(event) ?? status);
        if (terminal.isTTY !== true) {
            if (line !== undefined) terminal.write(`${line}\n`);
            return;
        }
        put(line === undefined ? "" : `${line}\n`);
        status = next.slice(0, (terminal.columns ?? 80) - 1);
        if (status !== "") terminal.write(status);
    };
}

/** Writes every event as one line of JSON. */
export function jsonLinesOn(stream: Pick<Terminal, "write">): (event: ProgressEvent) => void {
    return (event) => {
        stream.write(`${JSON.stringify(event)}\n`);
    };
}
