import type { PlannedResource } from "./plan.ts";
import { oneSided, propertyChanges, SECRET_CHANGED } from "./propertyChanges.ts";
import type { PropertyChange } from "./propertyChanges.ts";
import { formatPath, parsePath, valueAt } from "./propertyPath.ts";
import type { PropertyPath } from "./propertyPath.ts";
import { holdsSecret, isSecret, isSecretEnvelope, markSecret } from "./secretValues.ts";
import type { Concealment } from "./secretValues.ts";

/** Objects whose whole content is secret, whatever their providers mark. */
const SECRET_PROPERTIES: Readonly<Record<string, readonly string[]>> = {
    "kubernetes:core/v1:Secret": ["data", "stringData"],
    "random:index/randomPassword:RandomPassword": ["result", "bcryptHash"],
    "hcloud:index/server:Server": ["userData", "rootPassword"],
};

/** The properties of a resource that are others afterwards, in order of their paths; all of them where it comes or goes. */
export function changesOf(resource: PlannedResource, concealment: Concealment): PropertyChange[] {
    const { type, operation, before, after } = resource;
    const was = guarded(type, before?.inputs ?? {});
    const is = guarded(type, after?.inputs ?? {});
    if (operation === "create" || operation === "import") return oneSided(is, "after", concealment);
    if (operation === "delete") return oneSided(was, "before", concealment);
    const changes = propertyChanges(was, is, concealment);
    for (const { path, inputs } of resource.differing) {
        if (changes.some((change) => overlaps(change.path, beforeIndex(path)))) continue;
        const at = parsePath(path);
        const secrets = [...secretsAt(was, at), ...secretsAt(is, at)];
        if (secrets.length > 0)
            for (const secret of new Set(secrets))
                changes.push({ path: secret, note: SECRET_CHANGED });
        else if (!inputs)
            changes.push(
                ...propertyChanges(
                    valueAt(guarded(type, before?.outputs ?? {}), at),
                    valueAt(is, at),
                    concealment,
                    at,
                ),
            );
    }
    return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** What a look at the real thing found to be another than the state says; of what the provider says differs, where it says so. */
export function driftOf(resource: PlannedResource, concealment: Concealment): PropertyChange[] {
    const { type, before, after, differing } = resource;
    const changes = propertyChanges(
        guarded(type, before?.outputs ?? {}),
        guarded(type, after?.outputs ?? {}),
        concealment,
    );
    const told = changes.filter((change) =>
        differing.some(({ path }) => overlaps(change.path, beforeIndex(path))),
    );
    return told.length > 0 ? told : changes;
}

/** Properties with those marked that are secret by the kind of the object. */
export function guarded(
    type: string,
    properties: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
    const secret = SECRET_PROPERTIES[type] ?? [];
    return Object.fromEntries(
        Object.entries(properties).map(([key, value]) => [
            key,
            secret.includes(key) ? markSecrets(value) : value,
        ]),
    );
}

/** Each entry marked for itself, so that it is told which of them changes. */
function markSecrets(value: unknown): unknown {
    if (value === undefined || isSecretEnvelope(value)) return value;
    if (typeof value !== "object" || value === null) return markSecret(value);
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, markSecrets(v)]));
}

/** Paths of the secrets at, inside or around a place. */
function secretsAt(root: unknown, path: PropertyPath): string[] {
    for (let length = 1; length <= path.length; length++) {
        const around = path.slice(0, length);
        if (isSecret(String(around.at(-1)), valueAt(root, around))) return [formatPath(around)];
    }
    return secretsInside(valueAt(root, path), path);
}

function secretsInside(value: unknown, path: PropertyPath): string[] {
    if (isSecret(String(path.at(-1)), value)) return [formatPath(path)];
    if (typeof value !== "object" || value === null || !holdsSecret("", value)) return [];
    return Object.entries(value).flatMap(([key, inner]) =>
        secretsInside(inner, [...path, Array.isArray(value) ? Number(key) : key]),
    );
}

/** A path up to the first place in a list: where elements are told apart by what they hold, places say little. */
function beforeIndex(path: string): string {
    return path.replace(/\[\d+\].*$/s, "");
}

function overlaps(one: string, other: string): boolean {
    const [short, long] = one.length < other.length ? [one, other] : [other, one];
    return long === short || long.startsWith(`${short}.`) || long.startsWith(`${short}[`);
}
