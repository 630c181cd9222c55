import type { ProviderConfiguration } from "../../framework/configuration.ts";
import { Turns } from "../../framework/turns.ts";
import { MACHINE_CLOCK, type Clock } from "../clock.ts";
import { dynadot } from "../connections.ts";
import { Cloudflare } from "./cloudflare.ts";
import { DynadotRegistrar } from "./dynadotRegistrar.ts";
import { GoDaddy } from "./godaddy.ts";
import { Namecheap } from "./namecheap.ts";
import { Ovh } from "./ovh.ts";
import { REGISTRARS, type RegistrarKey } from "./profiles.ts";
import type { Registrar, RegistrarConnection } from "./registrar.ts";
import { RegistrarTransport } from "./transport.ts";

/** Milliseconds that one request may take. */
const REQUEST_TIMEOUT = 30_000;

/** How requests to a registrar are timed. */
export interface RegistrarTiming {
    /** @default the machine's */
    readonly clock?: Clock;
    /** Milliseconds that one request may take. @default 30000; at Dynadot 60000 */
    readonly requestTimeout?: number;
}

type Open = (transport: RegistrarTransport) => Registrar;

/** How each account is opened from the configuration. Throws `MissingConfiguration` naming what is needed. */
const OPEN: Readonly<
    Record<Exclude<RegistrarKey, "dynadot">, (config: ProviderConfiguration) => Open>
> = {
    cloudflare: (config) => {
        const need = forDelegationsAt("cloudflare", config);
        const access = { url: need("cloudflareUrl"), apiToken: need("cloudflareApiToken") };
        return (transport) => new Cloudflare(access, transport);
    },
    namecheap: (config) => {
        const need = forDelegationsAt("namecheap", config);
        const apiUser = need("namecheapApiUser");
        const access = {
            url: need("namecheapUrl"),
            apiUser,
            apiKey: need("namecheapApiKey"),
            userName: config.optional("namecheapUserName") ?? apiUser,
            clientIp: need("namecheapClientIp"),
        };
        return (transport) => new Namecheap(access, transport);
    },
    godaddy: (config) => {
        const need = forDelegationsAt("godaddy", config);
        const access = {
            url: need("godaddyUrl"),
            apiKey: need("godaddyApiKey"),
            apiSecret: need("godaddyApiSecret"),
        };
        return (transport) => new GoDaddy(access, transport);
    },
    ovh: (config) => {
        const need = forDelegationsAt("ovh", config);
        const access = {
            url: need("ovhUrl"),
            applicationKey: need("ovhApplicationKey"),
            applicationSecret: need("ovhApplicationSecret"),
            consumerKey: need("ovhConsumerKey"),
        };
        return (transport) => new Ovh(access, transport);
    },
};

const CONNECTIONS = new WeakMap<ProviderConfiguration, Map<RegistrarKey, RegistrarConnection>>();

/**
 * The registrar's account of this configuration. Throws `MissingConfiguration` naming what is needed.
 *
 * @param timing - heeded by the first call for a configuration, which connects
 */
export function registrar(
    key: RegistrarKey,
    config: ProviderConfiguration,
    timing: RegistrarTiming = {},
): RegistrarConnection {
    const ofConfiguration = CONNECTIONS.get(config) ?? new Map<RegistrarKey, RegistrarConnection>();
    CONNECTIONS.set(config, ofConfiguration);
    const existing = ofConfiguration.get(key);
    if (existing !== undefined) return existing;
    const connection =
        key === "dynadot" ? atDynadot(config, timing) : oneAtATime(key, OPEN[key](config), timing);
    ofConfiguration.set(key, connection);
    return connection;
}

function atDynadot(config: ProviderConfiguration, timing: RegistrarTiming): RegistrarConnection {
    const account = dynadot(config, timing);
    return {
        turn: (act, signal) =>
            account.turn((session) => act(new DynadotRegistrar(session)), signal),
    };
}

function oneAtATime(key: RegistrarKey, open: Open, timing: RegistrarTiming): RegistrarConnection {
    const turns = new Turns();
    const { name } = REGISTRARS[key];
    const { clock = MACHINE_CLOCK, requestTimeout = REQUEST_TIMEOUT } = timing;
    return {
        turn: (act, signal) =>
            turns.take(
                () => act(open(new RegistrarTransport(name, { clock, signal, requestTimeout }))),
                signal,
            ),
    };
}

function forDelegationsAt(key: RegistrarKey, config: ProviderConfiguration) {
    const purpose = `for delegations at ${REGISTRARS[key].name}`;
    return (name: Parameters<ProviderConfiguration["required"]>[0]) =>
        config.required(name, purpose);
}
