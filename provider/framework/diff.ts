import { isUnknown } from "./values.ts";

/** One changed property. */
export interface PropertyChange {
    /** Path in Pulumi's notation, for example `nameServers[1].addresses`. */
    readonly path: string;
    readonly kind: "add" | "delete" | "update";
    /** Whether the change needs a new resource. */
    readonly replace: boolean;
}

/** How {@link diffProps} compares. */
export interface DiffRules {
    readonly replaceOn?: readonly string[];
    readonly equal?: Readonly<Record<string, ((a: never, b: never) => boolean) | undefined>>;
}

/**
 * What changed between two sets of inputs, down to the smallest property path. An unknown counts as changed: the engine
 * asks again once it is known. An unknown never forces a replacement by its elements, only by its top-level property.
 */
export function diffProps(
    before: Readonly<Record<string, unknown>>,
    after: Readonly<Record<string, unknown>>,
    rules: DiffRules = {},
): PropertyChange[] {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => {
        const a = before[key];
        const b = after[key];
        const equal = rules.equal?.[key] as ((a: unknown, b: unknown) => boolean) | undefined;
        if (equal !== undefined && !isUnknown(a) && !isUnknown(b) && equal(a, b)) return [];
        const replace = rules.replaceOn?.includes(key) ?? false;
        return changesBetween(key, a, b).map((change) => ({ ...change, replace }));
    });
}

function changesBetween(
    path: string,
    a: unknown,
    b: unknown,
): { path: string; kind: PropertyChange["kind"] }[] {
    if (a === undefined && b === undefined) return [];
    if (a === undefined) return [{ path, kind: "add" }];
    if (b === undefined) return [{ path, kind: "delete" }];
    if (isUnknown(a) || isUnknown(b)) return [{ path, kind: "update" }];
    if (Array.isArray(a) && Array.isArray(b)) {
        const length = Math.max(a.length, b.length);
        return Array.from({ length }, (_, i) =>
            changesBetween(`${path}[${i}]`, a[i] as unknown, b[i] as unknown),
        ).flat();
    }
    if (isPlainObject(a) && isPlainObject(b)) {
        const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
        return keys.flatMap((key) => changesBetween(joinPath(path, key), a[key], b[key]));
    }
    return Object.is(a, b) ? [] : [{ path, kind: "update" }];
}

/** A path one step deeper, in Pulumi's notation: keys that are no identifiers are quoted in brackets. */
export function joinPath(path: string, step: string | number): string {
    if (typeof step === "number") return `${path}[${step}]`;
    const name = /^[A-Za-z_$][\w$]*$/.test(step) ? step : `[${JSON.stringify(step)}]`;
    if (path === "") return name;
    return name.startsWith("[") ? path + name : `${path}.${name}`;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
