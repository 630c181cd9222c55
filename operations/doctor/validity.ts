/** A certificate that ends sooner should have been replaced, in milliseconds: 14 days. */
const LEAST_VALIDITY = 14 * 24 * 60 * 60 * 1000;

/** A date for people, `YYYY-MM-DD` in UTC. */
export function day(date: Date): string {
    return date.toISOString().slice(0, 10);
}

/** What is wrong with a served certificate's end: nothing while it is 14 days away. */
export function validityProblems(validTo: Date, now: Date): string[] {
    return validTo.getTime() - now.getTime() < LEAST_VALIDITY
        ? [`its certificate ends on ${day(validTo)}`]
        : [];
}
