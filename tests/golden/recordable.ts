import type { Child } from "../support/plan.ts";
import { redact } from "../support/plan.ts";

/** What differs from run to run, because the keys are real and new, or with every edit of a chart. */
const VOLATILE: readonly (readonly [RegExp, string])[] = [
    [/-----BEGIN ([A-Z ]+)-----[\s\S]*?-----END \1-----\n?/g, "[$1]"],
    [/\bp=[A-Za-z0-9+/=]{40,}/g, "p=[key]"],
    [/^3 1 1 [0-9a-f]{64}$/, "3 1 1 [digest]"],
    [/^[0-9a-f]{64}$/, "[digest]"],
];

function steady(value: unknown): unknown {
    if (typeof value === "string")
        return VOLATILE.reduce((text, [pattern, word]) => text.replace(pattern, word), value);
    if (Array.isArray(value)) return value.map(steady);
    if (typeof value === "object" && value !== null)
        return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, steady(v)]));
    return value;
}

/** Options that say something: defaults are left out, so that a record shows what matters. */
function spoken(options: Child["options"]): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(options).filter(
            ([, v]) =>
                v !== false && v !== "" && v !== undefined && !(Array.isArray(v) && v.length === 0),
        ),
    );
}

/** A plan as it is put on record: secrets and keys by what they are, everything else as sent. */
export function recordable(children: readonly Child[]): unknown[] {
    return children.map((child) => ({
        resource: `${child.type} ${child.name}`,
        parent: `${child.parentType} ${child.parentName}`.trim(),
        inputs: steady(redact(child.inputs)),
        dependencies: child.dependencies,
        options: spoken(child.options),
    }));
}
