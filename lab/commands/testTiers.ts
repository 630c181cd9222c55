/** A part of the tests that runs as one. */
export interface Tier {
    readonly name: string;
    /** What it shows. */
    readonly purpose: string;
    /** Whether it needs the built toolchain; the others run while that builds. */
    readonly needsToolchain: boolean;
}

/** All tiers, in the order in which they run. `check` is types, lint and format; the rest are folders of `tests/`. */
export const TIERS: readonly Tier[] = [
    { name: "check", purpose: "types, lint and format", needsToolchain: false },
    { name: "unit", purpose: "pure functions", needsToolchain: false },
    { name: "components", purpose: "components under mocks", needsToolchain: false },
    {
        name: "golden",
        purpose: "whole plans, compared with the committed ones",
        needsToolchain: false,
    },
    { name: "provider", purpose: "the provider plugin", needsToolchain: true },
    { name: "charts", purpose: "the Helm charts, rendered by the real helm", needsToolchain: true },
    { name: "lab", purpose: "each part of the lab", needsToolchain: true },
    { name: "e2e", purpose: "the real engine against the lab", needsToolchain: true },
];

/** How one tier went. */
export interface TierResult {
    readonly tier: string;
    readonly passed: number;
    readonly failed: number;
    readonly milliseconds: number;
}

/** The last line of `npm test`: `N passed, N failed`. */
export function summary(results: readonly TierResult[]): string {
    const total = (count: (result: TierResult) => number) =>
        results.reduce((sum, result) => sum + count(result), 0);
    return `${total((result) => result.passed)} passed, ${total((result) => result.failed)} failed`;
}
