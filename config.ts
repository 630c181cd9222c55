import * as pulumi from "@pulumi/pulumi";
import { ConfigError } from "./config/problem.ts";
import type { RawConfig } from "./config/parse.ts";
import { REGISTRAR_SECRETS, type RegistrarSecret, type SecretKey } from "./config/secretKeys.ts";
import type { SovereignConfig } from "./config/model.ts";
import { parseConfig } from "./config/sovereignConfig.ts";

/** The secrets of a stack, as secret Outputs; an optional one is undefined where the configuration asks for none. */
export interface SovereignSecrets {
    /** `hcloud:token`. From the environment variable `HCLOUD_TOKEN` where the stack does not set it. */
    readonly hcloudToken?: pulumi.Output<string>;
    readonly powerdnsApiKey: pulumi.Output<string>;
    readonly dynadotApiKey?: pulumi.Output<string>;
    readonly dynadotApiSecret?: pulumi.Output<string>;
    /** Credentials at registrars, by the names of their configuration keys; only those of the registrar in use are asked for. */
    readonly registrar?: Readonly<Partial<Record<RegistrarSecret, pulumi.Output<string>>>>;
    readonly smartHostPassword?: pulumi.Output<string>;
    readonly imageRegistryToken?: pulumi.Output<string>;
}

/** What the program runs on. */
export interface LoadedConfig {
    readonly config: SovereignConfig;
    readonly secrets: SovereignSecrets;
}

/**
 * Reads and checks the stack's configuration; the only reader of it. Throws a `pulumi.RunError` that holds every problem,
 * each with the command that mends it: the CLI shows its message and no stack.
 */
export function loadConfig(): LoadedConfig {
    const plainKey = (key: string): string => key.replace(`${pulumi.getProject()}:`, "");
    const raw = Object.fromEntries(
        Object.entries(pulumi.runtime.allConfig()).map(([key, value]) => [plainKey(key), value]),
    );
    // The SDK keeps the list to itself; the language host hands it over in the environment.
    const listed = process.env.PULUMI_CONFIG_SECRET_KEYS;
    const encrypted = listed ? new Set((JSON.parse(listed) as string[]).map(plainKey)) : undefined;
    return { config: parsed(raw, encrypted), secrets: secretsOf(raw) };
}

function parsed(raw: RawConfig, encrypted: ReadonlySet<string> | undefined): SovereignConfig {
    try {
        return parseConfig(raw, encrypted);
    } catch (error) {
        throw error instanceof ConfigError ? new pulumi.RunError(error.message) : error;
    }
}

function secretsOf(raw: RawConfig): SovereignSecrets {
    const optional = (key: SecretKey, name: keyof SovereignSecrets) =>
        raw[key] === undefined || raw[key] === "" ? {} : { [name]: pulumi.secret(raw[key]) };
    return {
        ...optional("hcloud:token", "hcloudToken"),
        ...optional("dynadotApiKey", "dynadotApiKey"),
        ...optional("dynadotApiSecret", "dynadotApiSecret"),
        ...registrarSecrets(raw),
        ...optional("smartHostPassword", "smartHostPassword"),
        ...optional("imageRegistryToken", "imageRegistryToken"),
        powerdnsApiKey: pulumi.secret(raw.powerdnsApiKey ?? ""),
    };
}

function registrarSecrets(raw: RawConfig): Pick<SovereignSecrets, "registrar"> {
    const given = REGISTRAR_SECRETS.filter((key) => raw[key] !== undefined && raw[key] !== "");
    if (given.length === 0) return {};
    return {
        registrar: Object.fromEntries(given.map((key) => [key, pulumi.secret(raw[key] ?? "")])),
    };
}
