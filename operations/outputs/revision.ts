import { z } from "zod";
import { contract, outputsSchema } from "./contract.ts";

/** Whether an optional field was in the contract already at a revision; it is required then. */
function isDueAt(schema: z.core.$ZodType, revision: number): boolean {
    const since = contract.get(schema as z.ZodType)?.since;
    return since !== undefined && since <= revision;
}

/** What a list holds; undefined for another schema. */
export function elementOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
    return schema instanceof z.ZodArray ? schema.element : undefined;
}

function fieldAt(schema: z.core.$ZodType, revision: number): z.core.$ZodType {
    if (schema instanceof z.ZodOptional)
        return isDueAt(schema, revision) ? fieldAt(schema.unwrap(), revision) : schema;
    if (schema instanceof z.ZodObject) return objectAt(schema, revision);
    if (schema instanceof z.ZodArray) return z.array(fieldAt(schema.element, revision));
    return schema;
}

function objectAt(schema: z.ZodObject, revision: number): z.ZodObject {
    return z.object(
        Object.fromEntries(
            Object.entries<z.core.$ZodType>(schema.shape).map(([name, field]) => [
                name,
                fieldAt(field, revision),
            ]),
        ),
    );
}

/** What a stack of a revision has to have: everything that the contract had by then. */
export function schemaAt(revision: number): z.ZodObject {
    return objectAt(outputsSchema, revision);
}

/** Paths of all secrets. None lies in a list. */
export function secretPaths(): readonly (readonly string[])[] {
    return pathsIn(outputsSchema)
        .filter(({ schema }) => contract.get(schema)?.secret === true)
        .map(({ path }) => path);
}

function pathsIn(
    object: z.ZodObject,
    above: readonly string[] = [],
): { readonly path: readonly string[]; readonly schema: z.ZodType }[] {
    return Object.entries<z.core.$ZodType>(object.shape).flatMap(([name, schema]) => {
        const path = [...above, name];
        return schema instanceof z.ZodObject
            ? pathsIn(schema, path)
            : [{ path, schema: schema as z.ZodType }];
    });
}
