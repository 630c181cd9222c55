import {
    CLOUDFLARE_NAME_SERVERS,
    CloudflareApi,
} from "../../../../lab/registrars/cloudflareApi.ts";
import { REGISTRAR_CREDENTIALS } from "../../../../lab/registrars/credentials.ts";
import type { RegistrarApi } from "../../../../lab/registrars/emulatedRegistrar.ts";
import { GODADDY_NAME_SERVERS, GoDaddyApi } from "../../../../lab/registrars/godaddyApi.ts";
import { NAMECHEAP_NAME_SERVERS, NamecheapApi } from "../../../../lab/registrars/namecheapApi.ts";
import { OVH_NAME_SERVERS, OvhApi } from "../../../../lab/registrars/ovhApi.ts";
import type { RegisteredDomains } from "../../../../lab/registrars/registeredDomains.ts";
import type { ConfigurationKey } from "../../../../provider/framework/configuration.ts";
import { REGISTRARS, type RegistrarKey } from "../../../../provider/dns/registrars/profiles.ts";

const {
    cloudflareApiToken,
    namecheapApiUser,
    namecheapApiKey,
    namecheapClientIp,
    godaddyApiKey,
    godaddyApiSecret,
    ovhApplicationKey,
    ovhApplicationSecret,
    ovhConsumerKey,
} = REGISTRAR_CREDENTIALS;

type Configuration = Partial<Record<ConfigurationKey, string>>;

/** An account at an emulated registrar beside Dynadot. */
export interface RegistrarAccount {
    readonly key: Exclude<RegistrarKey, "dynadot">;
    /** Name of the registrar, for people. */
    readonly name: string;
    readonly via: string;
    /** The registrar's own name servers. */
    readonly own: readonly string[];
    /** Whether the API can give a domain back to them; else they are put back by their names. */
    readonly clears: boolean;
    make(domains: RegisteredDomains): RegistrarApi;
    /** What the provider is configured with, in plain; `origin` is where the emulator listens. */
    config(origin: string): Configuration;
    /** Keys of the configuration that carry credentials. */
    readonly secretKeys: readonly ConfigurationKey[];
}

function account(
    key: RegistrarAccount["key"],
    own: readonly string[],
    make: RegistrarAccount["make"],
    secrets: Configuration,
    config: (origin: string) => Configuration,
): RegistrarAccount {
    return {
        key,
        name: REGISTRARS[key].name,
        via: `${key}-registrar`,
        own,
        clears: key === "namecheap" || key === "ovh",
        make,
        config: (origin) => ({ ...config(origin), ...secrets }),
        secretKeys: Object.keys(secrets) as ConfigurationKey[],
    };
}

export const ACCOUNTS = {
    cloudflare: account(
        "cloudflare",
        CLOUDFLARE_NAME_SERVERS,
        () => new CloudflareApi(),
        { cloudflareApiToken },
        (origin) => ({ cloudflareUrl: `${origin}/client/v4` }),
    ),
    namecheap: account(
        "namecheap",
        NAMECHEAP_NAME_SERVERS,
        () => new NamecheapApi(),
        { namecheapApiKey },
        (origin) => ({
            namecheapUrl: `${origin}/xml.response`,
            namecheapApiUser,
            namecheapClientIp,
        }),
    ),
    godaddy: account(
        "godaddy",
        GODADDY_NAME_SERVERS,
        () => new GoDaddyApi(),
        { godaddyApiKey, godaddyApiSecret },
        (origin) => ({ godaddyUrl: origin }),
    ),
    ovh: account(
        "ovh",
        OVH_NAME_SERVERS,
        (domains) => new OvhApi(domains),
        { ovhApplicationKey, ovhApplicationSecret, ovhConsumerKey },
        (origin) => ({ ovhUrl: `${origin}/1.0` }),
    ),
} as const satisfies Record<RegistrarAccount["key"], RegistrarAccount>;
