import { isIP } from "node:net";
import { DynadotRefusal, NO_RECORDS, ownDomain } from "./accountState.ts";
import type { AccountState, NameServerHost } from "./accountState.ts";
import type { DynadotSwitches } from "./switches.ts";

/** Most name servers of a domain. */
const MAX_NAME_SERVERS = 13;

const HOST_NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/;

function normal(host: string): string {
    const name = host.toLowerCase().replace(/\.$/, "");
    if (!HOST_NAME.test(name)) throw new DynadotRefusal(`invalid host name: ${host}`);
    return name;
}

function inAccount(account: AccountState, host: string): boolean {
    return account.domains.some(({ name }) => host === name || host.endsWith(`.${name}`));
}

function find(account: AccountState, host: string): NameServerHost | undefined {
    return account.hosts.find(({ name }) => name === host);
}

/** The host object with this id. Throws the API's refusal when there is none. */
export function hostById(account: AccountState, id: number): NameServerHost {
    const host = account.hosts.find((h) => h.id === id);
    if (host === undefined) throw new DynadotRefusal("could not find name server", 404);
    return host;
}

/** The host object with this name. Throws the API's refusal when there is none. */
export function hostByName(account: AccountState, name: string): NameServerHost {
    const host = find(account, normal(name));
    if (host === undefined) throw new DynadotRefusal("could not find name server", 404);
    return host;
}

function create(account: AccountState, name: string, addresses: string[]): NameServerHost {
    const host = { id: account.nextHostId++, name, addresses };
    account.hosts.push(host);
    return host;
}

function checkAddresses(addresses: readonly string[]): string[] {
    if (addresses.length === 0) throw new DynadotRefusal("missing ip");
    for (const ip of addresses)
        if (isIP(ip) === 0) throw new DynadotRefusal(`invalid ip address: ${ip}`);
    return [...addresses];
}

function needsAddress(host: string): DynadotRefusal {
    return new DynadotRefusal(
        `'${host}' needs to be registered with an ip address before it can be used.`,
    );
}

/** Makes somebody else's name server known to the account (`add_ns`). */
export function addExternalHost(account: AccountState, host: string): NameServerHost {
    const name = normal(host);
    if (find(account, name) !== undefined)
        throw new DynadotRefusal(`'${name}' already exists`, 409);
    if (inAccount(account, name)) throw needsAddress(name);
    return create(account, name, []);
}

/** Registers a host below a domain of the account, with its address, at the registry (`register_ns`). */
export function registerHost(account: AccountState, host: string, ip: string): NameServerHost {
    const name = normal(host);
    if (!inAccount(account, name))
        throw new DynadotRefusal(`'${name}' is not below a domain in your account`);
    const addresses = checkAddresses([ip]);
    if (find(account, name) !== undefined)
        throw new DynadotRefusal(`'${name}' already exists`, 409);
    return create(account, name, addresses);
}

/** Replaces a registered host's addresses (`set_ns_ip`). */
export function setHostAddresses(
    account: AccountState,
    host: NameServerHost,
    addresses: readonly string[],
): void {
    const checked = checkAddresses(addresses);
    if (!inAccount(account, host.name))
        throw new DynadotRefusal(`'${host.name}' is not below a domain in your account`);
    host.addresses = checked;
}

/** Deletes a host object that no domain uses (`delete_ns`). */
export function deleteHost(account: AccountState, host: NameServerHost): void {
    const user = account.domains.find((domain) => domain.nameServers.includes(host.name));
    if (user !== undefined)
        throw new DynadotRefusal(`'${host.name}' is in use by ${user.name}`, 409);
    account.hosts = account.hosts.filter(({ id }) => id !== host.id);
}

/**
 * Gives domains their own name servers (`set_ns`). Each must be known to the account, and one below a domain of the account
 * must be registered with an address. Records that the domain had on Dynadot's DNS are gone, unless a switch keeps them.
 */
export function setNameServers(
    account: AccountState,
    domains: readonly string[],
    nameServers: readonly string[],
    { keepsHostedRecords }: Pick<DynadotSwitches, "keepsHostedRecords">,
): void {
    const names = nameServers.map(normal);
    if (names.length === 0) throw new DynadotRefusal("missing name servers");
    if (names.length > MAX_NAME_SERVERS)
        throw new DynadotRefusal(`at most ${MAX_NAME_SERVERS} name servers can be set`);
    if (domains.length > 100) throw new DynadotRefusal("at most 100 domains can be set at once");
    for (const name of names) {
        const host = find(account, name);
        if (inAccount(account, name) && (host?.addresses.length ?? 0) === 0)
            throw needsAddress(name);
        if (host === undefined)
            throw new DynadotRefusal(`could not find name server '${name}' in your account`);
    }
    for (const name of domains) {
        const domain = ownDomain(account, name);
        domain.mode = "name-servers";
        domain.nameServers = [...new Set(names)];
        if (!keepsHostedRecords) domain.hosted = NO_RECORDS;
    }
}
