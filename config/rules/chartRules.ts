import { pinnedVersion } from "../chartReference.ts";
import { setLine, show } from "../problem.ts";
import { rule, when } from "./rule.ts";
import type { Rule } from "./rule.ts";

const CHARTS = [
    ["platformChart", "platformChartVersion"],
    ["gatewayApiChart", "gatewayApiChartVersion"],
    ["fluxChart", "fluxChartVersion"],
    ["certManagerChart", "certManagerChartVersion"],
] as const;

const isPinned = (version: string | undefined): version is string =>
    version?.includes("@") ?? false;

/** Rules of digests: one that nobody would compare is refused, since whoever sets it relies on it. */
export const chartRules: readonly Rule[] = [
    ...CHARTS.map(([chartKey, versionKey]) =>
        rule([chartKey, versionKey], ({ [chartKey]: chart, [versionKey]: version }) => {
            if (chart === undefined || chart.startsWith("oci://") || !isPinned(version)) return [];
            return [
                {
                    key: versionKey,
                    found: show(version),
                    expected: `a version without a digest, since ${chartKey} is a path: only a registry has digests`,
                    remedy: [setLine(versionKey, pinnedVersion(version).version)],
                },
            ];
        }),
    ),
    rule(
        ["platformOwner", "platformChartVersion"],
        ({ platformOwner, platformChartVersion: version = "" }) =>
            when(platformOwner === "kit" && isPinned(version), () => ({
                key: "platformChartVersion",
                found: show(version),
                expected:
                    "a version without a digest: the kit releases the platform, and its slot 13 says which chart it takes",
                remedy: [setLine("platformChartVersion", pinnedVersion(version).version)],
                alternative: [setLine("platformOwner", "program")],
            })),
    ),
];
