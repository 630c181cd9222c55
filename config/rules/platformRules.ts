import { setLine, setSecretLine, show } from "../problem.ts";
import { rule, when } from "./rule.ts";
import type { Rule } from "./rule.ts";

/** Rules across the keys of the platform. */
export const platformRules: readonly Rule[] = [
    rule(["platformChart", "platformChartVersion"], ({ platformChart, platformChartVersion }) =>
        when(platformChart.startsWith("oci://") && platformChartVersion === undefined, () => ({
            key: "platformChartVersion",
            found: "nothing",
            expected: "a version of the chart, since platformChart is an OCI reference",
            remedy: [setLine("platformChartVersion", "1.4.20")],
        })),
    ),
    rule(["imageRegistry", "imageRegistryUsername"], (values, { secrets }) => [
        ...when(
            values.imageRegistryUsername !== undefined && !secrets.has("imageRegistryToken"),
            () => ({
                key: "imageRegistryToken",
                found: "nothing",
                expected: `a token that may pull from ${values.imageRegistry}, since imageRegistryUsername is set`,
                remedy: [setSecretLine("imageRegistryToken")],
            }),
        ),
        ...when(
            values.imageRegistryUsername === undefined && secrets.has("imageRegistryToken"),
            () => ({
                key: "imageRegistryUsername",
                found: show(values.imageRegistryUsername),
                expected: `the login name at ${values.imageRegistry}, since imageRegistryToken is set`,
                remedy: [setLine("imageRegistryUsername", "robot")],
            }),
        ),
    ]),
];
