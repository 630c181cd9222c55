import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { BootstrapGraph, BootstrapRelease } from "./kitGraph.ts";

const helmRelease = z.looseObject({
    kind: z.literal("HelmRelease"),
    metadata: z.looseObject({ name: z.string().min(1) }),
    spec: z.looseObject({
        dependsOn: z.array(z.looseObject({ name: z.string().min(1) })).default([]),
    }),
});

const kustomization = z.looseObject({
    kind: z.literal("Kustomization"),
    resources: z.array(z.string()),
});

/** `95-bp-stalwart-sovereign.yaml`: slot and name. */
const SLOT_FILE = /^(\d{2})-(.+)\.yaml$/;

/** A kit that cannot be read as a whole. Every reason is in the message. */
export class UnreadableKit extends Error {
    readonly reasons: readonly string[];

    constructor(directory: string, reasons: readonly string[]) {
        super([`${directory} is not a bootstrap kit that can be audited`, ...reasons].join("\n  "));
        this.name = "UnreadableKit";
        this.reasons = reasons;
    }
}

/**
 * Reads the releases of a kit: files `<slot>-<name>.yaml`, each with one HelmRelease, all named by `kustomization.yaml`. Strict: a file
 * that cannot be read would otherwise vanish from the audit.
 *
 * @throws UnreadableKit
 */
export function readBootstrapKit(directory: string): BootstrapGraph {
    const reasons: string[] = [];
    const graph: Record<string, BootstrapRelease> = {};
    const files = readdirSync(directory)
        .filter((file) => SLOT_FILE.test(file))
        .sort();
    if (files.length === 0) reasons.push("it has no file <slot>-<name>.yaml");
    for (const file of files) {
        const [, slot = "", name = ""] = SLOT_FILE.exec(file) ?? [];
        const found = releasesOf(join(directory, file), file, reasons);
        const [release, ...more] = found;
        if (release === undefined || more.length > 0) {
            reasons.push(`${file}: ${found.length} HelmReleases, expected one`);
            continue;
        }
        if (release.metadata.name !== name)
            reasons.push(`${file}: its HelmRelease is ${release.metadata.name}, expected ${name}`);
        if (release.metadata.name in graph)
            reasons.push(`${file}: ${release.metadata.name} is in another slot already`);
        graph[release.metadata.name] = {
            slot: Number(slot),
            dependsOn: release.spec.dependsOn.map((dependency) => dependency.name),
        };
    }
    reasons.push(...membership(directory, files));
    if (reasons.length > 0) throw new UnreadableKit(directory, reasons);
    return graph;
}

type HelmRelease = z.output<typeof helmRelease>;

function releasesOf(path: string, file: string, reasons: string[]): HelmRelease[] {
    const documents = parseAllDocuments(readFileSync(path, "utf8"));
    if (!Array.isArray(documents)) return [];
    return documents.flatMap((document) => {
        if (document.errors.length > 0) {
            reasons.push(...document.errors.map(({ message }) => `${file}: ${message.trim()}`));
            return [];
        }
        const value: unknown = document.toJS();
        if ((value as { kind?: unknown } | null)?.kind !== "HelmRelease") return [];
        const parsed = helmRelease.safeParse(value);
        if (parsed.success) return [parsed.data];
        reasons.push(`${file}: ${z.prettifyError(parsed.error)}`);
        return [];
    });
}

/** A file that the kustomization does not name is never applied; a name without a file stops everything. */
function membership(directory: string, files: readonly string[]): string[] {
    const file = "kustomization.yaml";
    let listed: readonly string[];
    try {
        const [document] = parseAllDocuments(readFileSync(join(directory, file), "utf8"));
        listed = kustomization.parse(document?.toJS()).resources.map((r) => r.replace(/^\.\//, ""));
    } catch (error) {
        return [`${file}: ${error instanceof z.ZodError ? z.prettifyError(error) : String(error)}`];
    }
    return [
        ...files.filter((f) => !listed.includes(f)).map((f) => `${file} does not name ${f}`),
        ...listed
            .filter((f) => SLOT_FILE.test(f) && !files.includes(f))
            .map((f) => `${file} names ${f}, which is not there`),
    ];
}
