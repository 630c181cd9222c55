import { readFile, writeFile } from "node:fs/promises";
import type { automation } from "@pulumi/pulumi";
import { parseDocument } from "yaml";
import { engineCommand } from "./engineCommand.ts";
import type { RequestConfig } from "./requestConfig.ts";

/** A key with the project that it belongs to. */
function qualified(key: string): string {
    return key.includes(":") ? key : `sovereign:${key}`;
}

/** How the CLI keeps a value of a stack's config. */
function kept(value: unknown): unknown {
    return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}

/**
 * The text of a stack's file with this config and no other. Keys of the encryption and encrypted values of secrets
 * that stay are kept as they are. Pure.
 *
 * @param encrypted - keys whose encrypted value in the file is that of the request
 */
export function stackFileWith(
    text: string,
    plain: RequestConfig["plain"],
    encrypted: ReadonlySet<string>,
): string {
    const document = parseDocument(text === "" ? "{}" : text);
    const before = (document.toJS() as { config?: Record<string, unknown> }).config ?? {};
    const secrets = Object.entries(before).filter(([key]) => encrypted.has(key));
    document.set("config", {
        ...Object.fromEntries(
            Object.entries(plain).map(([key, value]) => [qualified(key), kept(value)]),
        ),
        ...Object.fromEntries(secrets),
    });
    return document.toString();
}

/**
 * Gives a stack the config of a request and no other. A secret reaches the CLI on its standard input, so that no list of
 * processes shows it, and only when it has changed.
 *
 * @param file - the stack's file
 */
export async function writeStackConfig(
    stack: automation.Stack,
    file: string,
    { plain, secret }: RequestConfig,
): Promise<void> {
    const current = await stack.getAllConfig();
    const same = Object.entries(secret)
        .map(([key, value]) => [qualified(key), value] as const)
        .filter(([key, value]) => current[key]?.secret === true && current[key].value === value);
    const unchanged = new Set(same.map(([key]) => key));
    const text = await readFile(file, "utf8").catch(() => "");
    await writeFile(file, stackFileWith(text, plain, unchanged), { mode: 0o600 });
    for (const [key, value] of Object.entries(secret))
        if (!unchanged.has(qualified(key)))
            await engineCommand(stack, ["config", "set", "--secret", qualified(key)], value);
}
