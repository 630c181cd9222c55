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

/** How many tests passed and failed. */
export interface Counts {
    readonly passed: number;
    readonly failed: number;
}

/** How one tier went. */
export interface TierResult extends Counts {
    readonly tier: string;
    readonly milliseconds: number;
}

/** All of them together. */
export function total(counts: readonly Counts[]): Counts {
    return {
        passed: counts.reduce((sum, { passed }) => sum + passed, 0),
        failed: counts.reduce((sum, { failed }) => sum + failed, 0),
    };
}

/** The last line of `npm test`: `N passed, N failed`. */
export function summary(results: readonly TierResult[]): string {
    const { passed, failed } = total(results);
    return `${passed} passed, ${failed} failed`;
}
