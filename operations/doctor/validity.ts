/** A certificate that ends sooner should have been replaced, in milliseconds: 14 days. */
const LEAST_VALIDITY = 14 * 24 * 60 * 60 * 1000;

/** What is wrong with a served certificate's end: nothing while it is 14 days away. */
export function validityProblems(validTo: Date, now: Date): string[] {
    return validTo.getTime() - now.getTime() < LEAST_VALIDITY
        ? [`its certificate ends on ${validTo.toISOString().slice(0, 10)}`]
        : [];
}
