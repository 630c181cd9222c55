import { ConfigError } from "../../../../config/problem.ts";
import { parseConfig } from "../../../../config/sovereignConfig.ts";
import { rawConfig } from "../../../support/stackFixtures.ts";
import type { StackValues } from "../../../support/stackFixtures.ts";

/** The error that refuses a configuration; undefined where it is accepted. */
export function refusalOf(values: StackValues): ConfigError | undefined {
    try {
        parseConfig(rawConfig(values));
        return undefined;
    } catch (error) {
        if (error instanceof ConfigError) return error;
        throw error;
    }
}
