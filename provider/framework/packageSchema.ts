import { z } from "zod";
import {
    CONFIGURATION,
    configurationKeys,
    SECRET_KEYS,
    type ConfigurationEntry,
} from "./configuration.ts";
import { CONFIGURATION_SCHEMA } from "./providerConfig.ts";
import type { ResourceImplementation } from "./resource.ts";

type Json = Record<string, unknown>;

/** Part of JSON Schema that zod writes for our schemas. */
interface JsonSchema {
    readonly type?: string;
    readonly description?: string;
    readonly default?: unknown;
    readonly items?: JsonSchema;
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly required?: readonly string[];
    readonly additionalProperties?: JsonSchema | boolean;
    readonly anyOf?: readonly JsonSchema[];
    readonly $ref?: string;
    readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/**
 * The package schema that `pulumi package get-schema` prints, made from the same schemas that check the inputs.
 * Source of the format: https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
 */
export function packageSchema(version: string, resources: readonly ResourceImplementation[]): Json {
    const types: Record<string, Json> = {};
    const configuration = configurationProperties();
    return {
        name: "sovereign",
        version,
        displayName: "Sovereign",
        description: "DNS zones, delegations, placement and cluster gates of a Sovereign",
        license: "Apache-2.0",
        config: { variables: configuration },
        provider: {
            description:
                "Provider of the Sovereign program. Credentials may come from the environment.",
            inputProperties: configuration,
        },
        resources: Object.fromEntries(
            resources.map((resource) => [resource.token, resourceSpec(resource, types)]),
        ),
        types,
        language: { nodejs: { respectSchemaVersion: true } },
    };
}

function configurationProperties(): Json {
    const shape = jsonSchema(CONFIGURATION_SCHEMA).properties ?? {};
    return Object.fromEntries(
        configurationKeys().map((key) => {
            const { env, default: standard }: ConfigurationEntry = CONFIGURATION[key];
            const type = shape[key]?.type ?? "string";
            return [
                key,
                {
                    type,
                    description: shape[key]?.description,
                    ...(standard === undefined
                        ? {}
                        : { default: type === "integer" ? Number(standard) : standard }),
                    ...(env === undefined ? {} : { defaultInfo: { environment: [env] } }),
                    ...(SECRET_KEYS.includes(key) ? { secret: true } : {}),
                },
            ];
        }),
    );
}

function resourceSpec(resource: ResourceImplementation, types: Record<string, Json>): Json {
    const module = resource.token.split(":")[1] ?? "";
    const inputs = jsonSchema(resource.inputs);
    const outputs = jsonSchema(resource.outputs);
    const secret = new Set<string>([
        ...(resource.secretInputs ?? []),
        ...(resource.secretOutputs ?? []),
    ]);
    const convert = (schema: JsonSchema): Json =>
        Object.fromEntries(
            Object.entries(schema.properties ?? {}).map(([key, property]) => [
                key,
                {
                    ...propertySpec(property, module, types, schema.$defs ?? {}),
                    ...(secret.has(key) ? { secret: true } : {}),
                    ...(resource.replaceOn?.includes(key) ? { willReplaceOnChanges: true } : {}),
                },
            ]),
        );
    const withoutDefaults = Object.entries(inputs.properties ?? {}).flatMap(([key, property]) =>
        property.default === undefined && (inputs.required ?? []).includes(key) ? [key] : [],
    );
    const inputProperties = convert(inputs);
    return {
        description: resource.description,
        inputProperties,
        requiredInputs: withoutDefaults,
        properties: {
            ...withoutReplacement(inputProperties),
            ...withoutReplacement(convert(outputs)),
        },
        required: [...new Set([...withoutDefaults, ...(outputs.required ?? [])])],
    };
}

function withoutReplacement(properties: Json): Json {
    return Object.fromEntries(
        Object.entries(properties).map(([key, spec]) => [
            key,
            Object.fromEntries(
                Object.entries(spec as Json).filter(
                    ([field]) => field !== "willReplaceOnChanges" && field !== "default",
                ),
            ),
        ]),
    );
}

function propertySpec(
    property: JsonSchema,
    module: string,
    types: Record<string, Json>,
    definitions: Readonly<Record<string, JsonSchema>>,
): Json {
    const about = {
        ...(property.description === undefined ? {} : { description: property.description }),
        ...(isPrimitive(property.default) ? { default: property.default } : {}),
    };
    const nested = (schema: JsonSchema): Json => propertySpec(schema, module, types, definitions);
    if (property.$ref !== undefined) {
        const name = property.$ref.split("/").at(-1) ?? "";
        const token = `sovereign:${module}:${name}`;
        const definition = definitions[name];
        if (definition !== undefined && types[token] === undefined)
            types[token] = {
                type: "object",
                ...(definition.description === undefined
                    ? {}
                    : { description: definition.description }),
                properties: Object.fromEntries(
                    Object.entries(definition.properties ?? {}).map(([k, p]) => [k, nested(p)]),
                ),
                required: definition.required ?? [],
            };
        return { ...about, $ref: `#/types/${token}` };
    }
    if (property.anyOf !== undefined) {
        const concrete = property.anyOf.find((option) => option.type !== "null");
        return { ...(concrete === undefined ? {} : nested(concrete)), ...about };
    }
    if (property.type === "array")
        return { ...about, type: "array", items: nested(property.items ?? { type: "string" }) };
    if (property.type === "object")
        return {
            ...about,
            type: "object",
            additionalProperties:
                typeof property.additionalProperties === "object"
                    ? nested(property.additionalProperties)
                    : { $ref: "pulumi.json#/Any" },
        };
    return { ...about, type: property.type ?? "string" };
}

function isPrimitive(value: unknown): boolean {
    return ["string", "number", "boolean"].includes(typeof value);
}

function jsonSchema(schema: z.ZodObject): JsonSchema {
    return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
}
