import type * as pulumi from "@pulumi/pulumi";
import type { SovereignConfig } from "../../config/model.ts";
import { ChartPin } from "../../provider/resources/chartPin.ts";
import type { InstallationContext } from "./releases.ts";

type Charts = Pick<SovereignConfig, "platform" | "gateway" | "gitops" | "certificates">;

/** Configuration key that pins a chart, by what the configuration has it under. */
const KEYS = {
    platform: "platformChartVersion",
    gateway: "gatewayApiChartVersion",
    gitops: "fluxChartVersion",
    certificates: "certManagerChartVersion",
} as const satisfies Record<keyof Charts, string>;

/** What a release of the chart has to wait for: its pin, where the configuration has a digest. */
export function chartPin(
    { name, args, parent }: InstallationContext,
    of: keyof Charts,
): readonly pulumi.Resource[] {
    const { config, secrets, provider } = args;
    const { chart, chartVersion, chartDigest } = config[of] ?? {};
    if (chart === undefined || chartVersion === undefined || chartDigest === undefined) return [];
    const { imageRegistry, imageRegistryUsername: username } = config.platform;
    const token = secrets.imageRegistryToken;
    const isOurs = chart.startsWith(`oci://${imageRegistry}/`);
    return [
        new ChartPin(
            `${name}-chart-${of}`,
            {
                chart,
                version: chartVersion,
                digest: chartDigest,
                configKey: KEYS[of],
                ...(isOurs && token !== undefined && { login: { username, token } }),
            },
            { ...parent, provider },
        ),
    ];
}
