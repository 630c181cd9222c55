import type { FaultAction } from "../../../../lab/dynadot/faults.ts";
import {
    CLOUDFLARE_NAME_SERVERS,
    CloudflareApi,
} from "../../../../lab/registrars/cloudflareApi.ts";
import { REGISTRAR_CREDENTIALS } from "../../../../lab/registrars/credentials.ts";
import {
    EmulatedRegistrar,
    type ListenAddress,
    type RegistrarApi,
} from "../../../../lab/registrars/emulatedRegistrar.ts";
import { GODADDY_NAME_SERVERS, GoDaddyApi } from "../../../../lab/registrars/godaddyApi.ts";
import { NAMECHEAP_NAME_SERVERS, NamecheapApi } from "../../../../lab/registrars/namecheapApi.ts";
import { OVH_NAME_SERVERS, OvhApi } from "../../../../lab/registrars/ovhApi.ts";
import { RegisteredDomains } from "../../../../lab/registrars/registeredDomains.ts";
import { secret, type Props } from "../../support/client.ts";
import type { DnsWorld } from "../../support/dnsWorld.ts";

/** A registrar at work in a test, whatever its wire format is. Names are without trailing dot. */
export interface RunningRegistrar {
    nameServers(): readonly string[];
    /** Addresses by host. */
    hosts(): Readonly<Record<string, readonly string[]>>;
    /** Makes the next request of the operation fail so. */
    fault(operation: string | undefined, action: FaultAction): void;
    /** Writes are answered with success from now on, and not to be seen. */
    ignoreWrites(): void;
    /** Operations that write, in order, with what they were answered. */
    writes(): readonly string[];
    stop(): Promise<void>;
}

/** A registrar that the conformance suite runs against. */
export interface RegistrarTarget {
    readonly name: string;
    readonly via: string;
    /** A domain of the account. */
    readonly domain: string;
    /** The operation that sets name servers, as the emulator calls it. */
    readonly setOperation: string;
    /** What says that there were too many requests, with a pause that a test can wait for. */
    readonly tooMany: FaultAction;
    /** Name servers that the domain starts with, as the state keeps them. */
    readonly initially: readonly string[];
    /** What the emulator has after a destroy. */
    readonly restored: readonly string[];
    /** What an unknown credential and a domain of somebody else are answered with. */
    readonly unknownCredential: RegExp;
    readonly foreignDomain: RegExp;
    /** Keys of the configuration that carry secrets. */
    readonly secretKeys: readonly string[];
    /** Whether its account is made anew by {@link start}, so that tests can share a world. */
    readonly keepsWorld: boolean;
    /** What the provider is configured with. */
    config(world: DnsWorld): Props;
    start(world: DnsWorld): Promise<RunningRegistrar>;
}

const DOMAIN = "customer.example";

/** A registrar with an emulator of its own, whose registry is the lab's. */
function emulated(
    target: Omit<
        RegistrarTarget,
        "start" | "domain" | "tooMany" | "restored" | "keepsWorld" | "config"
    >,
    own: readonly string[],
    make: (domains: RegisteredDomains) => RegistrarApi,
    config: (url: string) => Props,
): RegistrarTarget {
    return {
        ...target,
        domain: DOMAIN,
        restored: own,
        keepsWorld: true,
        tooMany: { kind: "rate-limited" },
        config: (world) => {
            const address = emulatorAddress(world);
            return config(`http://${address.host}:${address.port}`);
        },
        start: async (world) => {
            const { powerDns } = world.powerDns;
            const domains = new RegisteredDomains([DOMAIN], own, powerDns.registry);
            const emulator = new EmulatedRegistrar(make(domains), domains, emulatorAddress(world));
            await emulator.start();
            const domain = () => {
                const found = domains.find(DOMAIN);
                if (found === undefined) throw new Error(`the account has no ${DOMAIN}`);
                return found;
            };
            return {
                nameServers: () => domain().nameServers,
                hosts: () => domain().hosts,
                fault: (operation, action) => {
                    emulator.faults.add({ ...(operation && { operation }), action });
                },
                ignoreWrites: () => {
                    domains.effect = { kind: "ignored" };
                },
                writes: () =>
                    emulator.requests
                        .map(({ operation }) => operation)
                        .filter((operation) => /^(?!get |list )|set|create|delete/i.test(operation))
                        .filter((operation) => !/getList|getInfo/.test(operation)),
                stop: () => emulator.stop(),
            };
        },
    };
}

function emulatorAddress({ powerDns }: DnsWorld): ListenAddress {
    return { host: `${powerDns.lab.context.addresses.prefix}.0.20`, port: 8080 };
}

const dotted = (names: readonly string[]) => names.map((name) => `${name}.`);

/** The registrars beside Dynadot. */
export const EMULATED_TARGETS: readonly RegistrarTarget[] = [
    emulated(
        {
            name: "Cloudflare",
            via: "cloudflare-registrar",
            setOperation: "patch zone",
            initially: dotted(CLOUDFLARE_NAME_SERVERS),
            unknownCredential:
                /^Cloudflare refused to read the name servers of customer\.example\.: Invalid access token \(code 9109\)/,
            foreignDomain: /the token sees no zone of that name; it needs Zone:Read and Zone:Edit/,
            secretKeys: ["cloudflareApiToken"],
        },
        CLOUDFLARE_NAME_SERVERS,
        (domains) => new CloudflareApi(domains),
        (url) => ({
            cloudflareUrl: `${url}/client/v4`,
            cloudflareApiToken: secret(REGISTRAR_CREDENTIALS.cloudflareApiToken),
        }),
    ),
    emulated(
        {
            name: "Namecheap",
            via: "namecheap-registrar",
            setOperation: "namecheap.domains.dns.setCustom",
            initially: [],
            unknownCredential:
                /^Namecheap refused to read the name servers of customer\.example\.: API Key is invalid or API access has not been enabled \(code 1011102\)/,
            foreignDomain: /Domain name not found \(code 2019166\)/,
            secretKeys: ["namecheapApiKey"],
        },
        NAMECHEAP_NAME_SERVERS,
        (domains) => new NamecheapApi(domains),
        (url) => ({
            namecheapUrl: `${url}/xml.response`,
            namecheapApiUser: REGISTRAR_CREDENTIALS.namecheapApiUser,
            namecheapApiKey: secret(REGISTRAR_CREDENTIALS.namecheapApiKey),
            namecheapClientIp: REGISTRAR_CREDENTIALS.namecheapClientIp,
        }),
    ),
    emulated(
        {
            name: "GoDaddy",
            via: "godaddy-registrar",
            setOperation: "patch domain",
            initially: dotted(GODADDY_NAME_SERVERS),
            unknownCredential:
                /^GoDaddy refused to read the name servers of customer\.example\.: Unauthorized : Could not authenticate API key\/secret \(code UNABLE_TO_AUTHENTICATE\)/,
            foreignDomain: /Resource not found \(code NOT_FOUND\)/,
            secretKeys: ["godaddyApiKey", "godaddyApiSecret"],
        },
        GODADDY_NAME_SERVERS,
        (domains) => new GoDaddyApi(domains),
        (url) => ({
            godaddyUrl: url,
            godaddyApiKey: secret(REGISTRAR_CREDENTIALS.godaddyApiKey),
            godaddyApiSecret: secret(REGISTRAR_CREDENTIALS.godaddyApiSecret),
        }),
    ),
    emulated(
        {
            name: "OVHcloud",
            via: "ovh-registrar",
            setOperation: "post /domain/nameServers/update",
            initially: [],
            unknownCredential:
                /^OVHcloud refused to read the name servers of customer\.example\.: (?:This application key is invalid|This credential is not valid)/,
            foreignDomain: /This service does not exist \(code Client::NotFound\)/,
            secretKeys: ["ovhApplicationKey", "ovhApplicationSecret", "ovhConsumerKey"],
        },
        OVH_NAME_SERVERS,
        (domains) => new OvhApi(domains),
        (url) => ({
            ovhUrl: `${url}/1.0`,
            ovhApplicationKey: secret(REGISTRAR_CREDENTIALS.ovhApplicationKey),
            ovhApplicationSecret: secret(REGISTRAR_CREDENTIALS.ovhApplicationSecret),
            ovhConsumerKey: secret(REGISTRAR_CREDENTIALS.ovhConsumerKey),
        }),
    ),
];

/** Dynadot, whose emulator the world has anyway. */
export const DYNADOT_TARGET: RegistrarTarget = {
    name: "Dynadot",
    via: "dynadot-registrar",
    domain: "omantel.example",
    setOperation: "set_ns",
    // Its 429 asks for a whole minute; being busy is refused in the same way and asks for less.
    tooMany: { kind: "system-busy" },
    initially: [],
    restored: [],
    unknownCredential:
        /^Dynadot refused to read the name servers of omantel\.example\.: invalid api key/,
    foreignDomain: /could not find domain in your account/,
    secretKeys: ["dynadotApiKey", "dynadotApiSecret"],
    keepsWorld: false,
    config: () => ({}),
    start: (world) =>
        Promise.resolve({
            nameServers: () => world.domain("omantel.example").nameServers,
            hosts: () =>
                Object.fromEntries(
                    world.dynadot.account.hosts.map(({ name, addresses }) => [name, addresses]),
                ),
            fault: (operation, action) => {
                world.dynadot.faults.add({ ...(operation && { operation }), action });
            },
            ignoreWrites: () => {
                world.dynadot.setSwitches({ staleReadSeconds: 1_000_000 });
            },
            writes: () =>
                world.dynadot.requests.requests
                    .filter(({ method, api }) => method !== "GET" || api !== "rest")
                    .map(({ operation }) => operation),
            stop: () => Promise.resolve(),
        }),
};
