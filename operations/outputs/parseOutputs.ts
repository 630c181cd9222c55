import type { z } from "zod";
import { OUTPUTS_SCHEMA_REVISION, OUTPUTS_SCHEMA_VERSION } from "./contract.ts";
import type { StackOutputs } from "./contract.ts";
import { OutputsError } from "./problem.ts";
import type { OutputProblem } from "./problem.ts";
import { schemaAt, secretPaths } from "./revision.ts";

/** What the CLI prints in place of a secret that it was not asked to show. */
const MASK = "[secret]";

/** Keys of the envelope in which states hold secrets (Pulumi's `resource.SigKey`, value `resource.SecretSig`). */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

const MESSAGES = {
    masked: "was read without its secrets; read it with them (pulumi stack output --show-secrets)",
    undecryptable:
        "could not be decrypted; give the reader the secrets provider's key of that stack (PULUMI_CONFIG_PASSPHRASE, or rights at its key service)",
} as const;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCiphertext(value: unknown): boolean {
    return isRecord(value) && value[SIGNATURE_KEY] === SECRET_SIGNATURE;
}

/** A stack reference gives `{}` for a secret that its engine could not decrypt (`errorCatchingSecretsManager` in Pulumi). */
function isElided(value: unknown): boolean {
    return isRecord(value) && Object.keys(value).length === 0;
}

function at(values: unknown, path: readonly PropertyKey[]): unknown {
    return path.reduce<unknown>(
        (value, part) =>
            typeof value === "object" && value !== null
                ? (value as Record<PropertyKey, unknown>)[part]
                : undefined,
        values,
    );
}

function pathText(path: readonly PropertyKey[]): string {
    return path.reduce<string>(
        (text, part) =>
            typeof part === "number"
                ? `${text}[${part}]`
                : text === ""
                  ? String(part)
                  : `${text}.${String(part)}`,
        "",
    );
}

function problemOf(values: unknown, { path, message }: z.core.$ZodIssue): OutputProblem {
    const value = at(values, path);
    const where = pathText(path);
    if (value === undefined)
        return { path: where, kind: "missing", message: "is missing; bring the stack up again" };
    if (value === MASK) return { path: where, kind: "masked", message: MESSAGES.masked };
    if (isCiphertext(value) || isElided(value))
        return { path: where, kind: "undecryptable", message: MESSAGES.undecryptable };
    return { path: where, kind: "malformed", message: `is not what was expected: ${message}` };
}

/** Masked secrets: text like any other, to the schema. */
function maskedSecrets(values: unknown): OutputProblem[] {
    return secretPaths()
        .filter((path) => at(values, path) === MASK)
        .map((path) => ({
            path: pathText(path),
            kind: "masked",
            message: MESSAGES.masked,
        }));
}

function versionProblem(values: Readonly<Record<string, unknown>>): OutputProblem | undefined {
    const { schemaVersion: version } = values;
    const problem = (kind: OutputProblem["kind"], message: string): OutputProblem => ({
        path: "schemaVersion",
        kind,
        message,
    });
    if (Object.keys(values).length === 0)
        return problem(
            "missing",
            "is missing, and so is every other output; the stack was never brought up, or is destroyed",
        );
    if (version === undefined)
        return problem("missing", "is missing; this is not the stack of a Sovereign");
    if (version === OUTPUTS_SCHEMA_VERSION) return undefined;
    const side = Number(version) > OUTPUTS_SCHEMA_VERSION ? "the reader" : "the stack";
    return problem(
        "version",
        `is ${JSON.stringify(version)}, this reader knows ${OUTPUTS_SCHEMA_VERSION}; bring ${side} up to date`,
    );
}

/**
 * Checks the outputs of a stack. Older revisions of the same major version pass without what came later; of newer ones
 * what this reader does not know is left out. Pure.
 *
 * @param source - what to call the stack in errors
 * @throws OutputsError with every problem
 */
export function parseOutputs(
    values: Readonly<Record<string, unknown>>,
    source: string,
): StackOutputs {
    const mismatch = versionProblem(values);
    if (mismatch) throw new OutputsError(source, [mismatch]);
    const { schemaRevision: revision } = values;
    const checked = schemaAt(
        Math.min(typeof revision === "number" ? revision : 0, OUTPUTS_SCHEMA_REVISION),
    ).safeParse(values);
    const issues = checked.success ? [] : checked.error.issues;
    const problems = issues.map((issue) => problemOf(values, issue));
    problems.push(...maskedSecrets(values));
    if (problems.length > 0 || !checked.success) throw new OutputsError(source, problems);
    return checked.data as StackOutputs;
}
