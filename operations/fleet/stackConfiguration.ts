import { parse } from "yaml";
import { z } from "zod";

/** A value of a stack's configuration, as its file has it. */
export type ConfigValue =
    | string
    | number
    | boolean
    | null
    | readonly ConfigValue[]
    | { readonly [key: string]: ConfigValue };

/** A stack's configuration, split by whether a value may stand in a Kubernetes object. */
export interface StackConfiguration {
    /** Plain values by key, `sovereign:fqdn`. */
    readonly plain: Readonly<Record<string, ConfigValue>>;
    /** Keys whose values are encrypted in the file. */
    readonly secretKeys: readonly string[];
}

/** A stack file that cannot be turned into a Stack object; the message names every key. */
export class UnusableConfiguration extends Error {}

const fileSchema = z.looseObject({ config: z.record(z.string(), z.json()).default({}) });

/**
 * Reads the text of a `Pulumi.<stack>.yaml`. Nothing is decrypted: an encrypted value is only named.
 *
 * @param text - the file
 * @param file - its name, for errors
 * @throws {UnusableConfiguration} when it is no stack file, or a secret lies within a list or map: a Stack object can only refer to
 * whole values (`secretsRef`)
 */
export function stackConfiguration(text: string, file: string): StackConfiguration {
    const parsed = fileSchema.safeParse(parse(text) ?? {});
    if (!parsed.success)
        throw new UnusableConfiguration(
            `${file} is no stack file: ${z.prettifyError(parsed.error)}; expected a map "config" of keys such as sovereign:fqdn`,
        );
    const plain: Record<string, ConfigValue> = {};
    const secretKeys: string[] = [];
    const nested: string[] = [];
    for (const [key, value] of Object.entries(parsed.data.config)) {
        if (isEncrypted(value)) secretKeys.push(key);
        else if (holdsEncrypted(value)) nested.push(key);
        else plain[key] = value;
    }
    if (nested.length > 0)
        throw new UnusableConfiguration(
            `${file}: ${nested.join(", ")} ${nested.length === 1 ? "has a secret" : "have secrets"} within a list or map, which a ` +
                "Stack object cannot refer to; make the whole value one secret: pulumi config set --secret <key> '<JSON>'",
        );
    return { plain, secretKeys };
}

function isEncrypted(value: ConfigValue): boolean {
    return (
        typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        Object.keys(value).length === 1 &&
        typeof (value as Readonly<Record<string, ConfigValue>>).secure === "string"
    );
}

function holdsEncrypted(value: ConfigValue): boolean {
    if (typeof value !== "object" || value === null) return false;
    return Object.values(value).some((part) => isEncrypted(part) || holdsEncrypted(part));
}
