import {
    CHART_REFERENCE,
    isChartReference,
    isPinnedVersion,
    versionOrPin,
} from "./chartReference.ts";
import { hostName, list, text } from "./fields.ts";
import { key } from "./keySpec.ts";

const VERSION = /^v?[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?$/;

/** The Gateway in front of the platform. */
export const gatewayKeys = {
    gatewayApiChart: key(
        "string",
        CHART_REFERENCE,
        "oci://registry.example/charts/gateway-api",
        (e) => text(e, isChartReference).optional(),
    ),
    gatewayApiChartVersion: key("string", versionOrPin("1.4.0"), "1.4.0", (e) =>
        text(e, (t) => isPinnedVersion(t, VERSION)).optional(),
    ),
    furtherZones: key(
        "array",
        "a list of zones in lower case, without a trailing dot",
        ["omani.homes"],
        (e) => list(e, hostName("a zone in lower case, without a trailing dot")).default([]),
    ),
} as const;
