import { z } from "zod";
import { joinPath } from "./diff.ts";
import type { CheckFailure } from "./resource.ts";
import { containsUnknown, isUnknown } from "./values.ts";

/** Inputs with defaults filled in, and everything wrong with them. */
export interface Validated {
    readonly inputs: Record<string, unknown>;
    readonly failures: readonly CheckFailure[];
}

/**
 * Checks properties one by one against their schemas. A property that is partly unknown is checked as far as it is known
 * and passed on as it is; the rest gets defaults and normalisation from its schema.
 */
export function validateInputs(
    schema: z.ZodObject,
    raw: Readonly<Record<string, unknown>>,
): Validated {
    const inputs: Record<string, unknown> = {};
    const failures: CheckFailure[] = [];
    for (const [key, property] of Object.entries(schema.shape)) {
        const value = raw[key];
        const result = z.safeParse(property, value);
        if (containsUnknown(value)) inputs[key] = value;
        else if (result.success && result.data !== undefined) inputs[key] = result.data;
        if (result.success) continue;
        failures.push(
            ...result.error.issues
                .filter((issue) => !leadsToUnknown(value, issue.path))
                .map((issue) => failure(key, issue, value === undefined)),
        );
    }
    for (const key of Object.keys(raw).filter((k) => !(k in schema.shape)))
        failures.push({
            property: key,
            reason: `there is no such property; expected one of ${Object.keys(schema.shape).join(", ")}`,
        });
    return { inputs, failures };
}

function failure(key: string, issue: z.core.$ZodIssue, missing: boolean): CheckFailure {
    const property = issue.path.reduce<string>(
        (path, step) => joinPath(path, typeof step === "symbol" ? String(step) : step),
        key,
    );
    return {
        property,
        reason: missing ? "is required, but nothing was given" : issue.message,
    };
}

function leadsToUnknown(value: unknown, path: readonly PropertyKey[]): boolean {
    let here = value;
    for (const step of path) {
        if (isUnknown(here)) return true;
        if (typeof here !== "object" || here === null) return false;
        here = (here as Record<PropertyKey, unknown>)[step];
    }
    return containsUnknown(here);
}
