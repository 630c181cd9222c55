/** Most terms that may cause DNS queries (RFC 7208 4.6.4). */
export const MAX_SPF_LOOKUPS = 10;

const QUERYING = /^[+?~-]?(?:include:|a(?:[:/]|$)|mx(?:[:/]|$)|ptr(?:[:/]|$)|exists:|redirect=)/;

/** How many DNS queries the record itself asks for, apart from what it includes. */
export function spfLookups(record: string): number {
    return record.split(" ").filter((term) => QUERYING.test(term)).length;
}

/** An SPF record that allows `terms` and nothing else. Throws a RangeError where receivers would give up on it. */
export function spf(...terms: readonly string[]): string {
    const record = ["v=spf1", ...terms, "-all"].join(" ");
    const lookups = spfLookups(record);
    if (lookups > MAX_SPF_LOOKUPS)
        throw new RangeError(
            `SPF asks for ${lookups} DNS queries, receivers allow ${MAX_SPF_LOOKUPS}`,
        );
    return record;
}
