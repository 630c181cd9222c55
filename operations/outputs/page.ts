import { z } from "zod";
import {
    contract,
    OUTPUTS_SCHEMA_REVISION,
    OUTPUTS_SCHEMA_VERSION,
    outputsSchema,
} from "./contract.ts";
import type { OutputMeta } from "./contract.ts";
import { elementOf } from "./revision.ts";

/** The contract as JSON Schema (draft 2020-12); secrets carry `secret: true`, later additions `since`. */
export function outputsJsonSchema(): Record<string, unknown> {
    return {
        ...z.toJSONSchema(outputsSchema, { metadata: contract, io: "input" }),
        title: "Outputs of a Sovereign's stack",
        version: `${OUTPUTS_SCHEMA_VERSION}.${OUTPUTS_SCHEMA_REVISION}`,
    };
}

function typeName(schema: z.core.$ZodType): string {
    const element = elementOf(schema);
    if (element !== undefined) return `list of ${plural(typeName(element))}`;
    if (schema instanceof z.ZodOptional) return typeName(schema.unwrap());
    if (schema instanceof z.ZodDefault) return typeName(schema.unwrap());
    if (schema instanceof z.ZodNullable) return `${typeName(schema.unwrap())} or null`;
    if (schema instanceof z.ZodRecord) return "map of texts";
    if (schema instanceof z.ZodObject) return "object";
    if (schema instanceof z.ZodString) return "text";
    if (schema instanceof z.ZodEnum) return schema.options.map((o) => `\`${o}\``).join(", ");
    return "integer";
}

function plural(name: string): string {
    return `${name}s`;
}

/** Fields of an object, or of the objects in a list. */
function fieldsOf(schema: z.core.$ZodType): z.ZodObject | undefined {
    if (schema instanceof z.ZodObject) return schema;
    const element = elementOf(schema);
    return element === undefined ? undefined : fieldsOf(element);
}

function row(path: string, schema: z.core.$ZodType, meta: OutputMeta | undefined): string {
    const type = `${typeName(schema)}${meta?.secret === true ? ", secret" : ""}`;
    const version = meta?.since === undefined ? "" : `${OUTPUTS_SCHEMA_VERSION}.${meta.since}`;
    return `| \`${path}\` | ${type} | ${meta?.description ?? ""} | ${version} |`;
}

function rows(object: z.ZodObject, above = ""): string[] {
    return Object.entries<z.core.$ZodType>(object.shape).flatMap(([name, schema]) => {
        const path = `${above}${name}`;
        const always = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
        const fields = fieldsOf(always);
        const inner = elementOf(always) !== undefined ? `${path}[].` : `${path}.`;
        const meta = contract.get(schema as z.ZodType);
        return [
            ...(schema instanceof z.ZodObject ? [] : [row(path, schema, meta)]),
            ...(fields === undefined ? [] : rows(fields, inner)),
        ];
    });
}

const HEAD = ["| Output | Type | What it is | Since |", "| --- | --- | --- | --- |"];

/** `docs/outputs.md`. Pure. */
export function outputsPage(): string {
    const all = Object.entries<z.core.$ZodType>(outputsSchema.shape);
    const isNested = ([name, schema]: (typeof all)[number]) =>
        schema instanceof z.ZodObject || name.startsWith("schema");
    const table = (entries: typeof all) => [
        ...HEAD,
        ...rows(z.object(Object.fromEntries(entries))),
    ];
    return `${[
        "<!-- Made of operations/outputs/contract.ts by `node operations/outputs/writePage.ts`; edit that. -->",
        "",
        "# Outputs",
        "",
        `The stack's outputs are a contract with whoever reads them: version ${OUTPUTS_SCHEMA_VERSION}.${OUTPUTS_SCHEMA_REVISION}.`,
        "",
        "- `schemaVersion` is raised when an output is renamed, removed or changes its meaning. Readers refuse another one.",
        "- `schemaRevision` is raised when outputs are added. Readers take any: what an older stack lacks is undefined, what a newer one has",
        "  beside is left out. Stacks from before it have revision 0. Tests hold every recorded revision against this contract.",
        "- The same in JSON Schema: `operations/outputs/schema.json`.",
        "",
        "## Reading them",
        "",
        "```ts",
        'import { readSovereign } from "./operations/outputs/readSovereign.ts";',
        "",
        'const sovereign = await readSovereign(new pulumi.StackReference("organization/sovereign/omantel"), "omantel");',
        "sovereign.dns.nameServers; // string[]",
        "sovereign.smtp.password; // Output<string>, secret",
        "```",
        "",
        "`readSovereign` takes a stack reference, or what the Automation API's `stack.outputs()` gives. It checks everything and names every",
        "problem at once, never a value:",
        "",
        "| Kind | Means | What to do |",
        "| --- | --- | --- |",
        "| `missing` | the output is not there | bring the stack up again |",
        "| `masked` | `[secret]` stands in its place | read it with `--show-secrets` |",
        "| `undecryptable` | it is ciphertext, or the engine left it out | give the reader the key of that stack's secrets provider |",
        "| `malformed` | it is of another type | compare the stack's program with this contract |",
        "| `version` | the outputs are of another major version | bring the stack or the reader up to date |",
        "",
        "A stack reference decrypts with the secrets provider that the referenced stack names. With the passphrase provider there is one",
        "passphrase for all stacks that one program reads.",
        "",
        "`smtpSecretOf(sovereign.smtp)` (`operations/outputs/smtpSecret.ts`) gives the Secret with the submission credentials, byte for byte the",
        "one in the Sovereign's cluster. A program that reads a whole fleet and uses both is in",
        "[examples/provisioner](../examples/provisioner/README.md).",
        "",
        "## By concern",
        "",
        ...table(all.filter(isNested)),
        "",
        "## Flat names",
        "",
        "For readers that know no structure. The last two are the names of the outputs that came before these.",
        "",
        ...table(all.filter((entry) => !isNested(entry))),
    ].join("\n")}\n`;
}
