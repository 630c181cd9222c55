import { z } from "zod";
import { CHART_REFERENCE, isChartReference, isPinnedVersion } from "./chartReference.ts";
import { flag, oneOf, text, url } from "./fields.ts";
import { key } from "./keySpec.ts";

/** A path in a repository, as a Kustomization of Flux takes it. */
const isRepositoryPath = (value: string): boolean =>
    /^\.\/[A-Za-z0-9._/-]+$/.test(value) && !value.split("/").includes("..");

const FLUX_VERSION = /^[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?$/;

const OWNER = "program or kit";

/** Who installs what, and from where Flux takes it. */
export const gitopsKeys = {
    bootstrap: key("string", "pulumi or flux", "flux", (e) =>
        oneOf(e, ["pulumi", "flux"]).default("pulumi"),
    ),
    mailServerOwner: key("string", OWNER, "kit", (e) =>
        oneOf(e, ["program", "kit"]).default("program"),
    ),
    platformOwner: key("string", OWNER, "kit", (e) =>
        oneOf(e, ["program", "kit"]).default("program"),
    ),
    fluxChart: key("string", CHART_REFERENCE, "oci://ghcr.io/openova-io/bp-flux", (e) =>
        text(e, isChartReference).default("oci://ghcr.io/openova-io/bp-flux"),
    ),
    fluxChartVersion: key(
        "string",
        "a version of the chart, the one that the kit's slot 03 names, for example 1.1.2, or 1.1.2@sha256:<64 hex digits>",
        "1.1.2",
        (e) => text(e, (t) => isPinnedVersion(t, FLUX_VERSION)).optional(),
    ),
    gitopsRepository: key(
        "string",
        "an http or https URL without credentials and trailing slash",
        "https://github.com/openova-io/openova",
        (e) => url(e).default("https://github.com/openova-io/openova"),
    ),
    gitopsBranch: key("string", "the name of a branch", "main", (e) =>
        text(e, (t) => /^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(t)).default("main"),
    ),
    gitopsCommit: key("string", "a commit of 40 hex digits", "<commit>", (e) =>
        text(e, (t) => /^[0-9a-f]{40}$/.test(t)).optional(),
    ),
    gitopsKitPath: key(
        "string",
        "a path in the repository, beginning with ./",
        "./clusters/_template/bootstrap-kit",
        (e) => text(e, isRepositoryPath).default("./clusters/_template/bootstrap-kit"),
    ),
    crossplaneCredentials: key("boolean", "true or false", true, (e) => flag(e).default(false)),
    gitopsInfrastructurePath: key(
        "string",
        "a path in the repository, beginning with ./",
        "./clusters/_template/infrastructure",
        (e) => text(e, isRepositoryPath).optional(),
    ),
} as const satisfies Record<string, { readonly schema: z.ZodType }>;
