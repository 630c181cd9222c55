import { isDeepStrictEqual } from "node:util";
import { listChanges } from "./listChanges.ts";
import { formatPath } from "./propertyPath.ts";
import type { PropertyPath } from "./propertyPath.ts";
import { isSecret, isSecretEnvelope, isUnknown, SECRET_SHOWN } from "./secretValues.ts";
import type { Concealment } from "./secretValues.ts";
import { textChanges } from "./textChanges.ts";
import { clip, clipPair, shownEntries, valueText } from "./valueText.ts";

/** What is said of a secret that is another one afterwards: that, and nothing else. */
export const SECRET_CHANGED = "[secret changed]";

/** One property that is another afterwards, fit to be shown: no secret in it, one line each. */
export interface PropertyChange {
    /** For example `values.images.api.tag`. */
    readonly path: string;
    /** As JSON; undefined where there was none. */
    readonly before?: string;
    /** As JSON; undefined where there is none afterwards. */
    readonly after?: string;
    /** Said instead of the values. */
    readonly note?: string;
    /** Of a text of several lines: those that go (`-`), come (`+`) or stand beside them (a space), each with its sign. */
    readonly lines?: readonly string[];
}

/** A longer value is shown by its parts. */
const LONGEST_LINE = 160;

/** Everything that differs between two values, by path in order. Equal values give nothing. */
export function propertyChanges(
    before: unknown,
    after: unknown,
    concealment: Concealment,
    path: PropertyPath = [],
): PropertyChange[] {
    if (isDeepStrictEqual(before, after)) return [];
    const key = keyOf(path);
    if (isSecret(key, before) || isSecret(key, after)) return [secretChange(path, before, after)];
    if (isObject(before) && isObject(after))
        return keysOf(before, after).flatMap((inner) =>
            propertyChanges(own(before, inner), own(after, inner), concealment, [...path, inner]),
        );
    if (Array.isArray(before) && Array.isArray(after))
        return listChanges(before, after, concealment, path);
    if (isText(before) && isText(after) && (before + after).includes("\n"))
        return [
            {
                path: formatPath(path),
                lines: textChanges(concealment.conceal(before), concealment.conceal(after)),
            },
        ];
    if (before === undefined || after === undefined)
        return oneSided(
            before ?? after,
            before === undefined ? "after" : "before",
            concealment,
            path,
        );
    const [was, is] = clipPair(
        valueText(key, before, concealment),
        valueText(key, after, concealment),
    );
    return [{ path: formatPath(path), before: was, after: is }];
}

/** All properties of a resource that comes (`after`) or goes (`before`). */
export function oneSided(
    value: unknown,
    side: "before" | "after",
    concealment: Concealment,
    path: PropertyPath = [],
): PropertyChange[] {
    const text = valueText(keyOf(path), value, concealment);
    const whole = path.length > 0 && text.length <= LONGEST_LINE;
    if (!whole && isObject(value))
        return shownEntries(value).flatMap(([key, inner]) =>
            oneSided(inner, side, concealment, [...path, key]),
        );
    if (!whole && Array.isArray(value) && value.some((element) => typeof element === "object"))
        return value.flatMap((inner, at) => oneSided(inner, side, concealment, [...path, at]));
    return [{ path: formatPath(path), [side]: clip(text) }];
}

function secretChange(path: PropertyPath, before: unknown, after: unknown): PropertyChange {
    const where = { path: formatPath(path) };
    if (before === undefined) return { ...where, after: SECRET_SHOWN };
    if (after === undefined) return { ...where, before: SECRET_SHOWN };
    return { ...where, note: SECRET_CHANGED };
}

function keyOf(path: PropertyPath): string {
    return path.findLast((part) => typeof part === "string") ?? "";
}

function isObject(value: unknown): value is Record<string, unknown> {
    return (
        typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        !isSecretEnvelope(value)
    );
}

/** Keys come from the plan and may be called like anything that every object has. */
function own(object: Readonly<Record<string, unknown>>, key: string): unknown {
    return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isText(value: unknown): value is string {
    return typeof value === "string" && !isUnknown(value);
}

function keysOf(...objects: readonly object[]): string[] {
    return [
        ...new Set(objects.flatMap((object) => shownEntries(object).map(([key]) => key))),
    ].sort();
}
