import { z } from "zod";
import type { Registry } from "./stalwartRegistry.ts";

/** A secret or certificate that the server reads from a file. */
export const file = z.strictObject({ "@type": z.literal("File"), filePath: z.string() });

/** A set, which the registry writes as `{"member": true}`. */
export const members = z.record(z.string(), z.literal(true)).transform((set) => Object.keys(set));

/** An object that says nothing but its variant. */
export const variant = (name: string) => z.strictObject({ "@type": z.literal(name) });

/** An expression that the stand-in plays in this one form. */
export const always = <const T extends readonly string[]>(...values: T) =>
    z.strictObject({ match: z.strictObject({}), else: z.literal(values) });

/** An expression with one condition that the stand-in plays in this one form. */
export const when = <const T extends string, const E extends readonly string[]>(
    condition: string,
    then: T,
    ...otherwise: E
) =>
    z.strictObject({
        match: z.strictObject({
            "0": z.strictObject({ if: z.literal(condition), then: z.literal(then) }),
        }),
        else: z.literal(otherwise),
    });

/** All objects of a type, checked; throws with the place and what is wrong there. */
export function all<S extends z.ZodType>(
    registry: Registry,
    type: string,
    schema: S,
): z.output<S>[] {
    return [...(registry.get(type) ?? [])].map(([ref, value]) => {
        const result = schema.safeParse(value);
        if (result.success) return result.data;
        const issues = result.error.issues.map(
            (issue) => `${[type, ref, ...issue.path.map(String)].join(".")}: ${issue.message}`,
        );
        throw new Error(`the plan has what the stand-in does not play: ${issues.join("; ")}`);
    });
}

/** The only object of a type, checked as by {@link all}; throws where there is none or more than one. */
export function one<S extends z.ZodType>(registry: Registry, type: string, schema: S): z.output<S> {
    const objects = all(registry, type, schema);
    const [first] = objects;
    if (first === undefined || objects.length > 1)
        throw new Error(
            `the plan has ${objects.length} objects of type ${type}; the stand-in plays one`,
        );
    return first;
}
