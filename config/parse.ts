import type { $ZodIssue } from "zod/v4/core";
import type { KeySpec } from "./keySpec.ts";
import { ConfigError, removeLine, setLine, setSecretLine, show } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { certificateRules } from "./rules/certificateRules.ts";
import { chartRules } from "./rules/chartRules.ts";
import { cloudRules } from "./rules/cloudRules.ts";
import { dnsRules } from "./rules/dnsRules.ts";
import { mailRules } from "./rules/mailRules.ts";
import { gitopsRules } from "./rules/gitopsRules.ts";
import { furtherZoneRules } from "./rules/furtherZoneRules.ts";
import { platformRules } from "./rules/platformRules.ts";
import { entries } from "./schema.ts";
import type { KeyName, Values } from "./schema.ts";
import { SECRET_KEYS } from "./secretKeys.ts";
import type { SecretKey, SecretSpec } from "./secretKeys.ts";
import { nearest } from "./suggest.ts";

/** The configuration as Pulumi hands it over: text by key, objects as JSON; keys of other projects with their namespace. */
export type RawConfig = Readonly<Record<string, string | undefined>>;

/** Keys that the stack keeps encrypted; undefined where the language host does not tell. */
export type EncryptedKeys = ReadonlySet<string> | undefined;

const RULES = [
    ...dnsRules,
    ...cloudRules,
    ...mailRules,
    ...platformRules,
    ...furtherZoneRules,
    ...chartRules,
    ...gitopsRules,
    ...certificateRules,
];

/**
 * Checks the whole configuration, each key by itself and all rules across keys. Throws one {@link ConfigError} that holds
 * every problem. Pure. An empty text or object is a key that is not set: the declarations in `Pulumi.yaml` need a default, or the
 * CLI would refuse the stack before the program can say what is wrong with it.
 */
export function checkConfig(raw: RawConfig, encrypted?: EncryptedKeys): Values {
    const problems: Problem[] = [];
    const values: Record<string, unknown> = {};
    for (const [name, spec] of entries()) {
        const result = checkKey(name, spec, raw[name]);
        if ("problems" in result) problems.push(...result.problems);
        else values[name] = result.value;
    }
    const secrets = new Set<SecretKey>();
    for (const [name, spec] of Object.entries(SECRET_KEYS) as [SecretKey, SecretSpec][]) {
        const value = unset(raw[name]) ? undefined : raw[name];
        const problem = checkSecret(name, spec, value, encrypted?.has(name) ?? true);
        if (problem) problems.push(problem);
        // A bad value is reported once, here; rules must not call it missing as well.
        if (value !== undefined) secrets.add(name);
    }
    problems.push(...unknownKeys(raw));
    for (const { keys, check } of RULES)
        if (keys.every((key) => key in values))
            problems.push(...check(values as unknown as Values, { secrets }));
    if (problems.length > 0) throw new ConfigError(problems);
    return values as unknown as Values;
}

function checkKey(name: KeyName, spec: KeySpec, raw: string | undefined) {
    const decoded = decode(spec, raw);
    const result = spec.schema.safeParse(decoded);
    if (result.success) return { value: result.data };
    const problems = result.error.issues.flatMap((issue) =>
        issueProblems(name, spec, decoded, issue),
    );
    // Several checks of one value fail together; the first says it all.
    return {
        problems: problems.filter((p, i) => problems.findIndex((q) => q.key === p.key) === i),
    };
}

function unset(raw: string | undefined): boolean {
    return raw === undefined || raw === "";
}

/** The value that a text stands for; the text itself where it is not JSON, so that the schema refuses it by name. */
function decode(spec: KeySpec, raw: string | undefined): unknown {
    if (unset(raw) || (spec.kind === "object" && raw === "{}")) return undefined;
    if (raw === undefined || spec.kind === "string") return raw;
    try {
        return JSON.parse(raw) as unknown;
    } catch {
        return raw;
    }
}

function pathText(name: string, path: readonly PropertyKey[]): string {
    return path.reduce<string>(
        (text, part) => (typeof part === "number" ? `${text}[${part}]` : `${text}.${String(part)}`),
        name,
    );
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>(
        (v, part) =>
            typeof v === "object" && v !== null
                ? (v as Record<PropertyKey, unknown>)[part]
                : undefined,
        value,
    );
}

/** The example's value at a path; the first element stands for every element of a list. */
function exampleAt(example: unknown, path: readonly PropertyKey[]): unknown {
    return (
        at(example, path) ??
        at(
            example,
            path.map((part) => (typeof part === "number" ? 0 : part)),
        )
    );
}

/** Lines that set a whole example, one per scalar in it. */
function setLines(key: string, example: unknown): string[] {
    if (typeof example !== "object" || example === null)
        return [setLine(key, example as string | number | boolean)];
    return Object.entries(example).flatMap(([part, value]) =>
        setLines(Array.isArray(example) ? `${key}[${part}]` : `${key}.${part}`, value),
    );
}

function issueProblems(name: string, spec: KeySpec, value: unknown, issue: $ZodIssue): Problem[] {
    const key = pathText(name, issue.path);
    if (issue.code === "unrecognized_keys")
        return issue.keys.map((extra) => ({
            key: `${key}.${extra}`,
            // Not the value: it may be a password that was put in the wrong place.
            found: "an entry that this program does not know",
            expected: "nothing",
            remedy: [removeLine(`${key}.${extra}`)],
        }));
    const found = at(value, issue.path);
    const mended = typeof found === "string" ? mend(spec, issue.path, found) : undefined;
    return [
        {
            key,
            found: spec.confidential ? "something else" : show(found),
            expected: issue.message,
            remedy: setLines(key, mended ?? exampleAt(spec.example, issue.path) ?? "<value>"),
        },
    ];
}

/** A value that only a trailing dot or slash, or its case, spoils is proposed as it was meant. */
function mend(spec: KeySpec, path: readonly PropertyKey[], found: string): string | undefined {
    const stripped = found.replace(/[./]+$/, "");
    return [stripped, stripped.toLowerCase()].find(
        (candidate) =>
            path.length === 0 && candidate !== found && spec.schema.safeParse(candidate).success,
    );
}

function checkSecret(
    name: SecretKey,
    spec: SecretSpec,
    value: string | undefined,
    encrypted: boolean,
): Problem | undefined {
    const remedy = [setSecretLine(name)];
    if (value === undefined)
        return spec.required
            ? { key: name, found: "nothing", expected: spec.expected, remedy }
            : undefined;
    if (!encrypted)
        return {
            key: name,
            found: "a value in clear text",
            expected: `${spec.expected}, encrypted (and a new one, since this one has been written down)`,
            remedy,
        };
    const found = spec.check(value);
    return found === undefined ? undefined : { key: name, found, expected: spec.expected, remedy };
}

function unknownKeys(raw: RawConfig): Problem[] {
    const known = [...entries().map(([name]) => name as string), ...Object.keys(SECRET_KEYS)];
    return Object.keys(raw)
        .filter((name) => !name.includes(":") && !known.includes(name) && !unset(raw[name]))
        .map((name) => {
            const meant = nearest(name, known);
            return {
                key: name,
                found: "a key that this program does not know",
                expected:
                    meant === undefined ? "one of the keys in Pulumi.yaml" : `${meant}, perhaps`,
                remedy: [removeLine(name)],
            };
        });
}
