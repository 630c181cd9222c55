import { z } from "zod";
import { registrarConfiguration } from "./registrarConfiguration.ts";
import { isUnknown } from "./values.ts";

const secret = { secret: true } as const;

/** Provider configuration: keys, their descriptions, the environment variable each may come from, and which are secret. */
export const CONFIGURATION = {
    powerdnsUrl: {
        schema: z
            .url()
            .describe("Base URL of the PowerDNS API, for example `https://pdns.example/api/v1`."),
        env: "SOVEREIGN_POWERDNS_URL",
    },
    powerdnsApiKey: {
        schema: z.string().min(1).describe("`X-API-Key` of the PowerDNS API."),
        env: "SOVEREIGN_POWERDNS_API_KEY",
        ...secret,
    },
    powerdnsServerId: {
        schema: z.string().min(1).describe("Server id in the PowerDNS API."),
        default: "localhost",
    },
    powerdnsTimeoutSeconds: {
        schema: z.coerce
            .number()
            .int()
            .min(1)
            .max(600)
            .describe("Seconds that one request to the PowerDNS API may take."),
        env: "SOVEREIGN_POWERDNS_TIMEOUT_SECONDS",
        default: "30",
    },
    dynadotUrl: {
        schema: z.url().describe("Base URL of Dynadot's APIs."),
        env: "SOVEREIGN_DYNADOT_URL",
        default: "https://api.dynadot.com",
    },
    dynadotApiKey: {
        schema: z.string().min(1).describe("API key of the Dynadot account."),
        env: "SOVEREIGN_DYNADOT_API_KEY",
        ...secret,
    },
    dynadotApiSecret: {
        schema: z.string().min(1).describe("Secret that signs Dynadot's REST v2 requests."),
        env: "SOVEREIGN_DYNADOT_API_SECRET",
        ...secret,
    },
    dynadotRequestsPerMinute: {
        schema: z.coerce
            .number()
            .int()
            .min(1)
            .max(6000)
            .describe("Requests a minute that the account's price level allows."),
        env: "SOVEREIGN_DYNADOT_REQUESTS_PER_MINUTE",
        default: "60",
    },
    ...registrarConfiguration,
    hcloudToken: {
        schema: z.string().min(1).describe("Hetzner Cloud token, read to choose a placement."),
        env: "HCLOUD_TOKEN",
        ...secret,
    },
    hcloudEndpoint: {
        schema: z.url().describe("Base URL of the Hetzner Cloud API, including `/v1`."),
        env: "HCLOUD_ENDPOINT",
        default: "https://api.hetzner.cloud/v1",
    },
    resolver: {
        schema: z
            .string()
            .regex(/^.+:\d+$/, "expected host:port, for example 127.0.0.1:53")
            .describe("`host:port` of the resolver that delegation checks ask."),
    },
    dnsPort: {
        schema: z.coerce
            .number()
            .int()
            .min(1)
            .max(65535)
            .describe("Port on which authoritative name servers are asked."),
        default: "53",
    },
    epoch: {
        schema: z.coerce
            .number()
            .int()
            .min(1)
            .describe(
                "Epoch that the stack is brought to. A control plane that is alone may go only with an older one.",
            ),
    },
} as const satisfies Readonly<Record<string, ConfigurationEntry>>;

/** One key of the provider's configuration. */
export interface ConfigurationEntry {
    readonly schema: z.ZodType;
    /** Environment variable that stands in for it. */
    readonly env?: string;
    readonly default?: string;
    readonly secret?: boolean;
}

/** Keys of the provider's configuration. */
export type ConfigurationKey = keyof typeof CONFIGURATION;

/** Keys that carry credentials. */
export const SECRET_KEYS: readonly ConfigurationKey[] = configurationKeys().filter(
    (key) => entry(key).secret === true,
);

/** All keys, in the order of {@link CONFIGURATION}. */
export function configurationKeys(): ConfigurationKey[] {
    return Object.keys(CONFIGURATION) as ConfigurationKey[];
}

function entry(key: ConfigurationKey): ConfigurationEntry {
    return CONFIGURATION[key];
}

/**
 * The provider's configuration as the resources read it: what the provider was given, else the environment, else the
 * default. Nothing is required until a resource asks for it.
 */
export class ProviderConfiguration {
    readonly #args: Readonly<Record<string, unknown>>;
    readonly #environment: Readonly<NodeJS.ProcessEnv>;

    constructor(
        args: Readonly<Record<string, unknown>> = {},
        environment: Readonly<NodeJS.ProcessEnv> = process.env,
    ) {
        this.#args = args;
        this.#environment = environment;
    }

    /** The value, or undefined where there is none. */
    optional(key: ConfigurationKey): string | undefined {
        const given = this.#args[key];
        if (isUnknown(given)) return undefined;
        if (typeof given === "string" && given !== "") return given;
        if (typeof given === "number") return String(given);
        const { env, default: standard } = entry(key);
        const fromEnvironment = env === undefined ? undefined : this.#environment[env];
        return fromEnvironment === undefined || fromEnvironment === "" ? standard : fromEnvironment;
    }

    /** The value. Throws {@link MissingConfiguration} where there is none; `purpose` completes "… is needed". */
    required(key: ConfigurationKey, purpose: string): string {
        const value = this.optional(key);
        if (value === undefined) throw new MissingConfiguration(key, purpose);
        return value;
    }

    /** Whether a preview cannot know the value yet. */
    isUnknown(key: ConfigurationKey): boolean {
        return isUnknown(this.#args[key]);
    }

    /** Port on which authoritative name servers are asked. */
    get dnsPort(): number {
        return Number(this.optional("dnsPort"));
    }

    /** Epoch that the stack is brought to; undefined where the provider was not given it. */
    get epoch(): number | undefined {
        const epoch = this.optional("epoch");
        return epoch === undefined ? undefined : Number(epoch);
    }

    /** Seconds that one request to the PowerDNS API may take. */
    get powerdnsTimeoutSeconds(): number {
        return Number(this.optional("powerdnsTimeoutSeconds"));
    }

    /** Requests a minute that the Dynadot account's price level allows. */
    get dynadotRequestsPerMinute(): number {
        return Number(this.optional("dynadotRequestsPerMinute"));
    }

    /** Every credential there is, for redaction. */
    credentials(): string[] {
        return SECRET_KEYS.flatMap((key) => this.optional(key) ?? []);
    }
}

/** A resource needs something that the provider was not given. */
export class MissingConfiguration extends Error {
    readonly key: ConfigurationKey;

    constructor(key: ConfigurationKey, purpose: string) {
        const { env, secret: isSecret } = entry(key);
        const flag = isSecret === true ? "--secret " : "";
        const variable = env === undefined ? "" : `, or set the environment variable ${env}`;
        super(
            `${key} is needed ${purpose}, but the provider was not given it. ` +
                `Pass it to sovereign.Provider, or run: pulumi config set ${flag}sovereign:${key} <value>${variable}`,
        );
        this.name = "MissingConfiguration";
        this.key = key;
    }
}
