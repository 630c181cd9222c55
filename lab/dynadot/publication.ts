import type { RegistryDelegation } from "../parts.ts";
import type { AccountState, DomainState } from "./accountState.ts";

/** What the registrar tells the registry about one of its domains. */
export function delegationOf(account: AccountState, domain: DomainState): RegistryDelegation {
    const delegated = domain.mode === "name-servers";
    // A registry publishes the address of a host only while a delegation names the host.
    const named = new Set(account.domains.flatMap((d) => d.nameServers));
    const glue = account.hosts.filter(
        (host) =>
            named.has(host.name) &&
            (host.name === domain.name || host.name.endsWith(`.${domain.name}`)),
    );
    return {
        domain: domain.name,
        nameServers: delegated ? domain.nameServers : [],
        glue: Object.fromEntries(glue.map((host) => [host.name, host.addresses])),
        ds: delegated
            ? domain.ds.map((d) => `${d.keyTag} ${d.algorithm} ${d.digestType} ${d.digest}`)
            : [],
    };
}

/** The delegations that differ between two states of the account. */
export function changedDelegations(
    before: AccountState,
    after: AccountState,
): RegistryDelegation[] {
    const old = new Map(
        before.domains.map((d) => [d.name, JSON.stringify(delegationOf(before, d))]),
    );
    return after.domains
        .map((domain) => delegationOf(after, domain))
        .filter((delegation) => old.get(delegation.domain) !== JSON.stringify(delegation));
}
