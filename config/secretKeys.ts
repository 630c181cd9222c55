/** One secret key: what it is for and what it has to look like. Checks never tell the value. */
export interface SecretSpec {
    /** Whether every stack needs it. Others are asked for by the keys that need them. */
    readonly required: boolean;
    readonly expected: string;
    /** Undefined when the value is fine, else what is wrong in words that give nothing away. */
    readonly check: (value: string) => string | undefined;
}

/** Hetzner's tokens have 64 characters; the hcloud provider refuses any other length. */
const HCLOUD_TOKEN_LENGTH = 64;

function plain(value: string): string | undefined {
    return /^\S+$/.test(value) ? undefined : "a value with white space in it";
}

function hcloudToken(value: string): string | undefined {
    return value.length === HCLOUD_TOKEN_LENGTH
        ? plain(value)
        : "a value that is not 64 characters long";
}

const credential = (expected: string, required = false): SecretSpec => ({
    required,
    expected,
    check: plain,
});

/** Secret keys by name. `hcloud:token` may also come from the environment variable `HCLOUD_TOKEN`, which its provider reads. */
export const SECRET_KEYS = {
    "hcloud:token": {
        required: false,
        expected: "an API token of Hetzner Cloud, 64 characters",
        check: hcloudToken,
    },
    powerdnsApiKey: credential("the key of the PowerDNS API", true),
    dynadotApiKey: credential("the API key of the Dynadot account"),
    dynadotApiSecret: credential("the API secret of the Dynadot account"),
    cloudflareApiToken: credential("the API token at Cloudflare"),
    namecheapApiKey: credential("the API key of the Namecheap account"),
    godaddyApiKey: credential("the API key of the GoDaddy account"),
    godaddyApiSecret: credential("the API secret of the GoDaddy account"),
    ovhApplicationKey: credential("the application key at OVHcloud"),
    ovhApplicationSecret: credential("the application secret at OVHcloud"),
    ovhConsumerKey: credential("the consumer key at OVHcloud"),
    smartHostPassword: credential("the password at the relay"),
    imageRegistryToken: credential("a token that may pull from the registry"),
} as const satisfies Readonly<Record<string, SecretSpec>>;

/** Name of a row of {@link SECRET_KEYS}. */
export type SecretKey = keyof typeof SECRET_KEYS;

/** Secrets of registrars beside Dynadot; the provider has keys of the same names. */
export const REGISTRAR_SECRETS = [
    "cloudflareApiToken",
    "namecheapApiKey",
    "godaddyApiKey",
    "godaddyApiSecret",
    "ovhApplicationKey",
    "ovhApplicationSecret",
    "ovhConsumerKey",
] as const satisfies readonly SecretKey[];

/** Name of one of {@link REGISTRAR_SECRETS}. */
export type RegistrarSecret = (typeof REGISTRAR_SECRETS)[number];
