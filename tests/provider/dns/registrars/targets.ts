import type { FaultAction } from "../../../../lab/dynadot/faults.ts";
import { seedAccount } from "../../../../lab/dynadot/seed.ts";
import {
    EmulatedRegistrar,
    type ListenAddress,
} from "../../../../lab/registrars/emulatedRegistrar.ts";
import { RegisteredDomains } from "../../../../lab/registrars/registeredDomains.ts";
import { secret, type Props } from "../../support/client.ts";
import type { DnsWorld } from "../../support/dnsWorld.ts";
import { ACCOUNTS, type RegistrarAccount } from "./accounts.ts";

/** A registrar at work in a test, whatever its wire format is. Names are without trailing dot. */
export interface RunningRegistrar {
    nameServers(): readonly string[];
    /** Addresses by host. */
    hosts(): Readonly<Record<string, readonly string[]>>;
    /** Makes the next request of the operation fail so. */
    fault(operation: string | undefined, action: FaultAction): void;
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
    /** What the provider is configured with. */
    config(world: DnsWorld): Props;
    /** Begins with an account as it was at first. */
    start(world: DnsWorld): Promise<RunningRegistrar>;
}

const DOMAIN = "customer.example";

/** A registrar with an emulator of its own, whose registry is the lab's. */
function emulated(
    account: RegistrarAccount,
    target: Pick<
        RegistrarTarget,
        "setOperation" | "initially" | "unknownCredential" | "foreignDomain"
    >,
): RegistrarTarget {
    const { name, via, own, secretKeys } = account;
    return {
        ...target,
        name,
        via,
        domain: DOMAIN,
        restored: own,
        secretKeys,
        tooMany: { kind: "rate-limited" },
        config: (world) => {
            const { host, port } = emulatorAddress(world);
            const config = Object.entries(account.config(`http://${host}:${port}`));
            const secrets: readonly string[] = secretKeys;
            return Object.fromEntries(
                config.map(([key, value]) => [key, secrets.includes(key) ? secret(value) : value]),
            );
        },
        start: async (world) => {
            const { powerDns } = world.powerDns;
            const domains = new RegisteredDomains([DOMAIN], own, powerDns.registry);
            const emulator = new EmulatedRegistrar(
                account.make(domains),
                domains,
                emulatorAddress(world),
            );
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
    emulated(ACCOUNTS.cloudflare, {
        setOperation: "patch zone",
        initially: dotted(ACCOUNTS.cloudflare.own),
        unknownCredential:
            /^Cloudflare refused to read the name servers of customer\.example\.: Invalid access token \(code 9109\)/,
        foreignDomain: /the token sees no zone of that name; it needs Zone:Read and Zone:Edit/,
    }),
    emulated(ACCOUNTS.namecheap, {
        setOperation: "namecheap.domains.dns.setCustom",
        initially: [],
        unknownCredential:
            /^Namecheap refused to read the name servers of customer\.example\.: API Key is invalid or API access has not been enabled \(code 1011102\)/,
        foreignDomain: /Domain name not found \(code 2019166\)/,
    }),
    emulated(ACCOUNTS.godaddy, {
        setOperation: "patch domain",
        initially: dotted(ACCOUNTS.godaddy.own),
        unknownCredential:
            /^GoDaddy refused to read the name servers of customer\.example\.: Unauthorized : Could not authenticate API key\/secret \(code UNABLE_TO_AUTHENTICATE\)/,
        foreignDomain: /Resource not found \(code NOT_FOUND\)/,
    }),
    emulated(ACCOUNTS.ovh, {
        setOperation: "post /domain/nameServers/update",
        initially: [],
        unknownCredential:
            /^OVHcloud refused to read the name servers of customer\.example\.: (?:This application key is invalid|This credential is not valid)/,
        foreignDomain: /This service does not exist \(code Client::NotFound\)/,
    }),
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
    config: () => ({}),
    start: async (world) => {
        const { dynadot } = world;
        await dynadot.restore(seedAccount(dynadot.clock.now()));
        dynadot.faults.clear();
        dynadot.requests.clear();
        return {
            nameServers: () => world.domain("omantel.example").nameServers,
            hosts: () =>
                Object.fromEntries(
                    world.dynadot.account.hosts.map(({ name, addresses }) => [name, addresses]),
                ),
            fault: (operation, action) => {
                world.dynadot.faults.add({ ...(operation && { operation }), action });
            },
            writes: () =>
                world.dynadot.requests.requests
                    .filter(({ method, api }) => method !== "GET" || api !== "rest")
                    .map(({ operation }) => operation),
            stop: () => Promise.resolve(),
        };
    },
};
