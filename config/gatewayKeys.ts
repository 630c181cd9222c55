import { CHART_REFERENCE, isChartReference } from "./chartReference.ts";
import { text } from "./fields.ts";
import { key } from "./keySpec.ts";

/** The Gateway in front of the platform. */
export const gatewayKeys = {
    gatewayApiChart: key(
        "string",
        CHART_REFERENCE,
        "oci://registry.example/charts/gateway-api",
        (e) => text(e, isChartReference).optional(),
    ),
    gatewayApiChartVersion: key(
        "string",
        "a version of the chart, for example 1.4.0",
        "1.4.0",
        (e) =>
            text(e, (t) => /^v?[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?$/.test(t)).optional(),
    ),
} as const;
