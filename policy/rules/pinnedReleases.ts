import { z } from "zod";
import type { Resource } from "../engine/resource.ts";
import { rule } from "../engine/rule.ts";
import { isOpen, isProperties, items, properties, text, visitTexts } from "../engine/values.ts";
import type { Properties, Value } from "../engine/values.ts";
import { TYPES } from "./types.ts";

/** Semantic version without a range (https://semver.org, and Helm's leading `v`). */
const EXACT = /^v?\d+\.\d+\.\d+(?:[-+].+)?$/;

/** Tags that move by what they say. */
const MOVING = new Set(["", "latest", "stable", "main", "master", "edge", "nightly"]);

const WORKLOADS = [
    "kubernetes:apps/v1:DaemonSet",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:batch/v1:CronJob",
    "kubernetes:batch/v1:Job",
    "kubernetes:core/v1:Pod",
];

/** What is wrong with an image reference, `<repository>[:<tag>][@<digest>]`. */
function imageProblem(image: string, requireDigest: boolean): string | undefined {
    if (/@sha256:[0-9a-f]{64}$/.test(image)) return undefined;
    const tag = /:([^:/]*)$/.exec(image.replace(/@.*$/, ""))?.[1] ?? "";
    if (requireDigest) return `${image} has no digest: add @sha256:<digest>`;
    return MOVING.has(tag)
        ? `${image} may be another image tomorrow: give it the tag of a release, better a digest`
        : undefined;
}

/** Images in a chart's values, with their paths: `image: <reference>`, and objects of `repository`, `tag` and `digest`. */
function imagesIn(values: Value | undefined, path: string): readonly (readonly [string, string])[] {
    if (!isProperties(values))
        return items(values).flatMap((v, at) => imagesIn(v, `${path}[${at}]`));
    const own = referenceOf(values);
    return [
        ...(own === undefined ? [] : [[path, own] as const]),
        ...Object.entries(values).flatMap(([key, value]): (readonly [string, string])[] => {
            if (key === "image" && typeof value === "string")
                return value === "" ? [] : [[`${path}.image`, value]];
            return [...imagesIn(value, `${path}.${key}`)];
        }),
    ];
}

/** An object is an image where it has a tag, or a digest beside a repository. */
function referenceOf(values: Properties): string | undefined {
    const { repository, tag, digest } = values;
    if (isOpen(tag) || isOpen(digest)) return undefined;
    const name = text(repository);
    if (name !== undefined && typeof digest === "string" && digest !== "")
        return `${name}@${digest}`;
    return typeof tag === "string" || typeof tag === "number"
        ? `${name ?? "image"}:${tag}`
        : undefined;
}

function judgeRelease({ props }: Resource, requireDigest: boolean): string[] {
    const chart = text(props.chart);
    const version = text(props.version);
    const local = chart !== undefined && /^(?:\.{0,2}\/|[A-Za-z]:[\\/])/.test(chart);
    const pinned = local || isOpen(props.version) || (version !== undefined && EXACT.test(version));
    return [
        ...(pinned
            ? []
            : [
                  `the chart ${chart ?? "?"} ${version === undefined ? "has no version" : `has the version ${version}`}: give it an exact one`,
              ]),
        ...imagesIn(properties(props.values), "values").flatMap(([path, image]) => {
            const problem = imageProblem(image, requireDigest);
            return problem === undefined ? [] : [`${path}: ${problem}`];
        }),
    ];
}

function judgeWorkload({ props }: Resource, requireDigest: boolean): string[] {
    const problems: string[] = [];
    visitTexts(props, (image, path, name) => {
        const problem = name === "image" ? imageProblem(image, requireDigest) : undefined;
        if (problem !== undefined) problems.push(`${path}: ${problem}`);
    });
    return problems;
}

/** Charts and images that are tomorrow what they were in the preview. What a chart's own values say is not seen here. */
export const pinnedReleases = rule({
    name: "pinned-releases",
    description: "Charts have an exact version, images a tag that does not move, or a digest.",
    severity: "high",
    config: z.object({
        requireDigest: z.boolean().default(false).describe("Whether a tag alone is not enough."),
    }),
    resources: {
        types: [TYPES.release, ...WORKLOADS],
        judge: (resource, { requireDigest }) =>
            resource.type === TYPES.release
                ? judgeRelease(resource, requireDigest)
                : judgeWorkload(resource, requireDigest),
    },
});
