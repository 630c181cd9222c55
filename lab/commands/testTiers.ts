/** A part of the tests that runs as one. */
export interface Tier {
    readonly name: string;
    /** What it shows. */
    readonly purpose: string;
    /** Whether it needs the built toolchain; the others run while that builds. */
    readonly needsToolchain: boolean;
    /** How many of its files run side by side. Labs wait for each other's answers much of the time, so two fit on two cores. */
    readonly sideBySide: number;
}

/** All tiers, in the order in which they run. `check` is types, lint and format; the rest are folders of `tests/`. */
export const TIERS: readonly Tier[] = [
    { name: "check", purpose: "types, lint and format", needsToolchain: false, sideBySide: 1 },
    { name: "unit", purpose: "pure functions", needsToolchain: false, sideBySide: 1 },
    { name: "components", purpose: "components under mocks", needsToolchain: false, sideBySide: 1 },
    {
        name: "golden",
        purpose: "whole plans, compared with the committed ones",
        needsToolchain: false,
        sideBySide: 1,
    },
    { name: "provider", purpose: "the provider plugin", needsToolchain: true, sideBySide: 2 },
    {
        name: "charts",
        purpose: "the Helm charts, rendered by the real helm",
        needsToolchain: true,
        sideBySide: 2,
    },
    { name: "lab", purpose: "each part of the lab", needsToolchain: true, sideBySide: 2 },
    {
        name: "e2e",
        purpose: "the real engine against the lab",
        needsToolchain: true,
        sideBySide: 2,
    },
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
