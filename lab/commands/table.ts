import Table from "cli-table3";

/** A table without lines between its rows and without colours, so that it can be pasted. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const made = new Table({
        head: [...head],
        style: { head: [], border: [], compact: true },
    });
    for (const row of rows) made.push([...row]);
    return made.toString();
}
