import { z } from "zod";
import { key } from "./keySpec.ts";
import { text } from "./fields.ts";

const OCI = /^oci:\/\/[a-z0-9.-]+(?::[0-9]+)?(?:\/[a-z0-9._-]+)+$/;
const PATH = /^\.{0,2}\/\S+$/;
const SEMVER = /^[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** The platform that runs on the cluster. */
export const platformKeys = {
    platformChart: key(
        "string",
        "an OCI reference without a tag, or a path beginning with ./ or /",
        "oci://ghcr.io/openova-io/bp-catalyst-platform",
        (e) =>
            text(e, (t) => OCI.test(t) || PATH.test(t)).default(
                "oci://ghcr.io/openova-io/bp-catalyst-platform",
            ),
    ),
    platformChartVersion: key(
        "string",
        "a version of the chart, for example 1.4.20",
        "1.4.20",
        (e) => text(e, (t) => SEMVER.test(t)).optional(),
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
