import { z } from "zod";
import {
    CHART_REFERENCE,
    isChartReference,
    isPinnedVersion,
    versionOrPin,
} from "./chartReference.ts";
import { key } from "./keySpec.ts";
import { text } from "./fields.ts";

const SEMVER = /^[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** The platform that runs on the cluster. */
export const platformKeys = {
    platformChart: key(
        "string",
        CHART_REFERENCE,
        "oci://ghcr.io/openova-io/bp-catalyst-platform",
        (e) => text(e, isChartReference).default("oci://ghcr.io/openova-io/bp-catalyst-platform"),
    ),
    platformChartVersion: key("string", versionOrPin("1.4.20"), "1.4.20", (e) =>
        text(e, (t) => isPinnedVersion(t, SEMVER)).optional(),
    ),
    platformValues: {
        ...key(
            "object",
            "an object with values of the platform chart",
            { images: { api: { tag: "<tag>" }, ui: { tag: "<tag>" } } },
            (e) => z.record(z.string(), z.json({ error: e }), { error: e }).default({}),
        ),
        confidential: true,
    },
    imageRegistry: key(
        "string",
        "the host of a container registry, with its port where it has one",
        "ghcr.io",
        (e) => text(e, (t) => /^[a-z0-9.-]+(?::[0-9]{1,5})?$/.test(t)).default("ghcr.io"),
    ),
    imageRegistryUsername: key("string", "the login name at the registry", "robot", (e) =>
        text(e, (t) => t !== "" && !/[\s:]/.test(t)).optional(),
    ),
} as const;
