import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { FLUX_PULL_SECRET } from "./fluxSpecs.ts";

const kitObject = z.looseObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.looseObject({ name: z.string(), namespace: z.string().default("") }),
    spec: z
        .looseObject({
            secretRef: z.looseObject({ name: z.string() }).optional(),
            chart: z
                .looseObject({ spec: z.looseObject({ version: z.string().default("") }) })
                .optional(),
        })
        .prefault({}),
});
type KitObject = z.output<typeof kitObject>;

/**
 * What kits have failed by before, in words: an object in two slots, which each slot takes from the other; a source whose credentials nobody
 * writes; a Flux of another version than the one that is there already, whose definitions clash with it. Files that are no YAML are
 * the reader's to name.
 *
 * @param fluxChartVersion - what the program installs; undefined where it installs no Flux
 */
export function kitIncidents(directory: string, fluxChartVersion: string | undefined): string[] {
    const objects = readdirSync(directory)
        .filter((file) => /^\d{2}-.+\.yaml$/.test(file))
        .sort()
        .flatMap((file) => objectsOf(directory, file).map((object) => ({ file, object })));
    return [
        ...doubleObjects(objects),
        ...objects.flatMap(({ file, object }) => unknownSecret(file, object)),
        ...objects.flatMap(({ file, object }) => otherFlux(file, object, fluxChartVersion)),
    ];
}

interface Found {
    readonly file: string;
    readonly object: KitObject;
}

function objectsOf(directory: string, file: string): KitObject[] {
    const documents = parseAllDocuments(readFileSync(join(directory, file), "utf8"));
    if (!Array.isArray(documents)) return [];
    return documents.flatMap((document) => {
        const parsed = kitObject.safeParse(document.errors.length > 0 ? null : document.toJS());
        return parsed.success ? [parsed.data] : [];
    });
}

function doubleObjects(found: readonly Found[]): string[] {
    const files = new Map<string, string[]>();
    for (const { file, object } of found) {
        const { kind, metadata } = object;
        const key = `${kind} ${metadata.namespace === "" ? "" : `${metadata.namespace}/`}${metadata.name}`;
        files.set(key, [...(files.get(key) ?? []), file]);
    }
    return [...files]
        .filter(([, where]) => where.length > 1)
        .map(([key, where]) => `${key} is in more than one slot: ${where.join(", ")}`);
}

function unknownSecret(file: string, { kind, metadata, spec }: KitObject): string[] {
    const name = spec.secretRef?.name;
    if (kind !== "HelmRepository" || name === undefined || name === FLUX_PULL_SECRET) return [];
    return [
        `${file}: source ${metadata.name} takes its credentials from Secret ${name}, and nobody writes one but ${FLUX_PULL_SECRET}`,
    ];
}

function otherFlux(file: string, { kind, metadata, spec }: KitObject, version?: string): string[] {
    const found = spec.chart?.spec.version;
    if (kind !== "HelmRelease" || metadata.name !== "bp-flux") return [];
    if (version === undefined || found === undefined || found === version) return [];
    return [
        `${file}: the kit's chart of Flux is ${found}, and the program installs ${version}: set fluxChartVersion to ${found}, or the slot to ${version}`,
    ];
}
