/** A name as the registrars' APIs take it: without its trailing dot. */
export function bare(name: string): string {
    return name.replace(/\.$/, "");
}

/** Entries for people. */
export function listed(entries: readonly string[]): string {
    return entries.length === 0 ? "none" : entries.join(", ");
}

/** Whether two lists have the same entries, in whatever order. */
export function sameSet(a: readonly string[], b: readonly string[]): boolean {
    return a.length === b.length && a.every((entry) => b.includes(entry));
}
