import { removeLine, setLine, setSecretLine, show } from "../problem.ts";
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
    rule(
        ["gatewayApiChart", "gatewayApiChartVersion"],
        ({ gatewayApiChart: chart, gatewayApiChartVersion: version }) => [
            ...when(chart?.startsWith("oci://") === true && version === undefined, () => ({
                key: "gatewayApiChartVersion",
                found: "nothing",
                expected: "a version of the chart, since gatewayApiChart is an OCI reference",
                remedy: [setLine("gatewayApiChartVersion", "1.4.0")],
            })),
            ...when(chart === undefined && version !== undefined, () => ({
                key: "gatewayApiChart",
                found: "nothing",
                expected: "the chart whose version gatewayApiChartVersion is",
                remedy: [setLine("gatewayApiChart", "oci://registry.example/charts/gateway-api")],
                alternative: [removeLine("gatewayApiChartVersion")],
            })),
        ],
    ),
    rule(
        ["gatewayApiChart", "certificateIssuer", "acmeChallenge"],
        ({ gatewayApiChart, certificateIssuer, acmeChallenge }) =>
            when(
                gatewayApiChart !== undefined &&
                    certificateIssuer !== "none" &&
                    acmeChallenge === "http-01",
                () => ({
                    key: "acmeChallenge",
                    found: show(acmeChallenge),
                    expected:
                        "dns-01: http-01 is answered by an Ingress, and gatewayApiChart has a Gateway serve the platform",
                    remedy: [setLine("acmeChallenge", "dns-01")],
                    alternative: [removeLine("gatewayApiChart")],
                }),
            ),
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
