import type { StackValues } from "../../../support/stackFixtures.ts";

/** A configuration that is refused. */
export interface RefusedConfig {
    readonly name: string;
    /** How it differs from the smallest good one; undefined takes a key away. */
    readonly change: StackValues;
    /** Every line that the person reads below the heading. */
    readonly message: readonly string[];
}
