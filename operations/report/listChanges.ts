import { propertyChanges } from "./propertyChanges.ts";
import type { PropertyChange } from "./propertyChanges.ts";
import { formatPath } from "./propertyPath.ts";
import type { PropertyPath } from "./propertyPath.ts";
import type { Concealment } from "./secretValues.ts";
import { clip, valueText } from "./valueText.ts";

/** What tells the elements of a list apart, the most telling first: DKIM selectors, records, ports, named things. */
const IDENTITIES: readonly (readonly string[])[] = [
    ["selector"],
    ["name", "type"],
    ["name"],
    ["listenPort"],
    ["id"],
    ["key"],
];

/** What differs between two lists: elements of objects are followed by what identifies them, plain ones come and go. */
export function listChanges(
    before: readonly unknown[],
    after: readonly unknown[],
    concealment: Concealment,
    path: PropertyPath,
): PropertyChange[] {
    if ([...before, ...after].every((element) => typeof element !== "object" || element === null))
        return plainChanges(before, after, concealment, path);
    const identity = IDENTITIES.find((keys) => identifies(keys, before) && identifies(keys, after));
    if (identity === undefined)
        return Array.from({ length: Math.max(before.length, after.length) }).flatMap((_, at) =>
            propertyChanges(before[at], after[at], concealment, [...path, at]),
        );
    const was = byIdentity(identity, before);
    const is = byIdentity(identity, after);
    const changes = [...new Set([...was.keys(), ...is.keys()])]
        .sort()
        .flatMap((id) => propertyChanges(was.get(id), is.get(id), concealment, [...path, id]));
    return changes.length > 0 ? changes : [reordered(path)];
}

function plainChanges(
    before: readonly unknown[],
    after: readonly unknown[],
    concealment: Concealment,
    path: PropertyPath,
): PropertyChange[] {
    const key = path.findLast((part) => typeof part === "string") ?? "";
    const text = (element: unknown) => clip(valueText(key, element, concealment));
    const where = `${formatPath(path)}[]`;
    const changes = [
        ...without(before, after).map((element) => ({ path: where, before: text(element) })),
        ...without(after, before).map((element) => ({ path: where, after: text(element) })),
    ];
    return changes.length > 0 ? changes : [reordered(path)];
}

function reordered(path: PropertyPath): PropertyChange {
    return { path: formatPath(path), note: "(order changed)" };
}

/** The elements of a list that another one doesn't have, each as often as it has too many. */
function without(list: readonly unknown[], other: readonly unknown[]): unknown[] {
    const rest = [...other];
    return list.filter((element) => {
        const at = rest.indexOf(element);
        if (at === -1) return true;
        rest.splice(at, 1);
        return false;
    });
}

function identityOf(keys: readonly string[], element: unknown): string | undefined {
    if (typeof element !== "object" || element === null) return undefined;
    const parts = keys.map((key) => (element as Record<string, unknown>)[key]);
    const told = parts.every((part) => typeof part === "string" || typeof part === "number");
    return told ? parts.join(" ") : undefined;
}

function identifies(keys: readonly string[], list: readonly unknown[]): boolean {
    const ids = list.map((element) => identityOf(keys, element));
    return !ids.includes(undefined) && new Set(ids).size === ids.length;
}

function byIdentity(keys: readonly string[], list: readonly unknown[]): Map<string, unknown> {
    return new Map(list.map((element) => [identityOf(keys, element) ?? "", element]));
}
