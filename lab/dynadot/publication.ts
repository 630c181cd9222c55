import type { HostedZones, Registry, RegistryDelegation } from "../parts.ts";
import type { AccountState, DomainState } from "./accountState.ts";
import { hostedRecordSets } from "./hostedRecordSets.ts";

/**
 * What the registrar tells the registry about one of its domains.
 *
 * @param ownServers - the registrar's own name servers, for domains on its DNS; none if nothing serves them
 */
export function delegationOf(
    account: AccountState,
    domain: DomainState,
    ownServers: readonly string[] = [],
): RegistryDelegation {
    const delegated = domain.mode === "name-servers";
    // A registry publishes the address of a host only while a delegation names the host.
    const named = new Set(account.domains.flatMap((d) => d.nameServers));
    const glue = account.hosts.filter(
        (host) =>
            named.has(host.name) &&
            (host.name === domain.name || host.name.endsWith(`.${domain.name}`)),
    );
    const hosted = domain.mode === "dynadot-dns" ? ownServers : [];
    return {
        domain: domain.name,
        nameServers: delegated ? domain.nameServers : hosted,
        glue: Object.fromEntries(glue.map((host) => [host.name, host.addresses])),
        ds: delegated
            ? domain.ds.map((d) => `${d.keyTag} ${d.algorithm} ${d.digestType} ${d.digest}`)
            : [],
    };
}

/** Makes what the account says visible in DNS: delegations at the registry, and zones on the registrar's own name servers. */
export class Publication {
    readonly #registry: Registry;
    readonly #hostedZones: HostedZones | undefined;
    readonly #inspect: (delegation: RegistryDelegation) => Promise<void>;

    /** @param inspect - rejects what the registry does not take */
    constructor(
        registry: Registry,
        hostedZones: HostedZones | undefined,
        inspect: (delegation: RegistryDelegation) => Promise<void> = () => Promise.resolve(),
    ) {
        this.#registry = registry;
        this.#hostedZones = hostedZones;
        this.#inspect = inspect;
    }

    /** Publishes every domain, whatever was published before. */
    async publishAll(account: AccountState): Promise<void> {
        await this.#publish(undefined, account);
    }

    /** Publishes what differs between two states. Where that fails, the first one is published again as far as possible. */
    async publishChange(before: AccountState, after: AccountState): Promise<void> {
        for (const domain of after.domains) {
            const old = before.domains.find(({ name }) => name === domain.name);
            const same = JSON.stringify(old?.nameServers) === JSON.stringify(domain.nameServers);
            if (domain.mode === "name-servers" && !same)
                await this.#inspect(delegationOf(after, domain));
        }
        try {
            await this.#publish(before, after);
        } catch (error) {
            await this.#publish(after, before).catch(() => undefined);
            throw error;
        }
    }

    async #publish(before: AccountState | undefined, after: AccountState): Promise<void> {
        const changed = <T>(of: (account: AccountState, domain: DomainState) => T) =>
            after.domains.flatMap((domain) => {
                const old = before?.domains.find(({ name }) => name === domain.name);
                const value = of(after, domain);
                const same =
                    before !== undefined &&
                    old !== undefined &&
                    JSON.stringify(of(before, old)) === JSON.stringify(value);
                return same ? [] : [value];
            });
        const zones = changed((_, domain) => ({
            name: domain.name,
            sets: domain.mode === "dynadot-dns" ? hostedRecordSets(domain) : null,
        }));
        // A zone is served before the registry leads there, and taken off after it leads elsewhere.
        for (const { name, sets } of zones)
            if (sets !== null) await this.#hostedZones?.serve(name, sets);
        const ownServers = this.#hostedZones?.nameServers;
        for (const delegation of changed((account, d) => delegationOf(account, d, ownServers)))
            await this.#registry.publish(delegation);
        for (const { name, sets } of zones)
            if (sets === null) await this.#hostedZones?.serve(name, null);
    }
}
