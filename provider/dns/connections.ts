import type { ProviderConfiguration } from "../framework/configuration.ts";
import { MACHINE_CLOCK, type Clock } from "./clock.ts";
import { DynadotConnection, type DynadotConnectionOptions } from "./dynadot/connection.ts";
import { PowerDnsClient } from "./powerdns/client.ts";
import { Refusal } from "./recordSetDecisions.ts";
import { ZoneWriter } from "./zoneWriter.ts";

/** PowerDNS as the provider is configured for it: one client, and one writer per zone, shared by all resources. */
export class PowerDnsConnection {
    readonly client: PowerDnsClient;
    readonly #writers = new Map<string, ZoneWriter>();
    readonly #declared = new Map<string, string>();

    constructor(client: PowerDnsClient) {
        this.client = client;
    }

    /** The zone's one writer. `zone` canonical. */
    zone(zone: string): ZoneWriter {
        const existing = this.#writers.get(zone);
        if (existing !== undefined) return existing;
        const writer = new ZoneWriter(this.client, zone);
        this.#writers.set(zone, writer);
        return writer;
    }

    /** Remembers which resource creates `id`. Throws when another resource of the same run has created it. */
    declare(id: string, urn: string): void {
        const other = this.#declared.get(id);
        if (other !== undefined && other !== urn)
            throw new Refusal(`${id} is declared twice: by ${other} and by ${urn}`);
        this.#declared.set(id, urn);
    }

    /** Forgets what {@link declare} remembered. */
    release(id: string, urn: string): void {
        if (this.#declared.get(id) === urn) this.#declared.delete(id);
    }
}

const ACCOUNTS = new WeakMap<ProviderConfiguration, DynadotConnection>();

/**
 * The Dynadot account of this configuration. Throws `MissingConfiguration` naming what is needed.
 *
 * @param options - heeded by the first call for a configuration, which connects
 */
export function dynadot(
    config: ProviderConfiguration,
    options: Omit<DynadotConnectionOptions, "requestsPerMinute"> = {},
): DynadotConnection {
    const existing = ACCOUNTS.get(config);
    if (existing !== undefined) return existing;
    const purpose = "for delegations at Dynadot";
    const account = new DynadotConnection(
        {
            url: config.required("dynadotUrl", purpose),
            apiKey: config.required("dynadotApiKey", purpose),
            apiSecret: config.required("dynadotApiSecret", purpose),
        },
        { ...options, requestsPerMinute: config.dynadotRequestsPerMinute },
    );
    ACCOUNTS.set(config, account);
    return account;
}

const CONNECTIONS = new WeakMap<ProviderConfiguration, PowerDnsConnection>();

/**
 * The connection of this configuration. Throws `MissingConfiguration` naming what is needed.
 *
 * @param clock - heeded by the first call for a configuration, which connects
 */
export function powerDns(
    config: ProviderConfiguration,
    clock: Clock = MACHINE_CLOCK,
): PowerDnsConnection {
    const existing = CONNECTIONS.get(config);
    if (existing !== undefined) return existing;
    const purpose = "for zones and records at PowerDNS";
    const connection = new PowerDnsConnection(
        new PowerDnsClient({
            url: config.required("powerdnsUrl", purpose),
            apiKey: config.required("powerdnsApiKey", purpose),
            serverId: config.required("powerdnsServerId", purpose),
            timeout: config.powerdnsTimeoutSeconds * 1000,
            clock,
        }),
    );
    CONNECTIONS.set(config, connection);
    return connection;
}
