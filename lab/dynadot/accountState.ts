/** A record of Dynadot-hosted DNS. There is no TTL per record: the domain has one. */
export interface HostedRecord {
    /** Lower-case: `a`, `mx`, … or a pseudo-type (`forward`, `stealth`, `email`). */
    readonly type: string;
    readonly value: string;
    /** MX distance, forward type, stealth title or mail alias. */
    readonly value2?: string;
}

/** A record below the domain's apex. */
export interface HostedSubRecord extends HostedRecord {
    /** Relative to the domain. */
    readonly subhost: string;
}

/** A DS record at the registry. */
export interface DelegationSigner {
    readonly keyTag: number;
    readonly algorithm: number;
    readonly digestType: number;
    /** Hexadecimal, lower-case. */
    readonly digest: string;
}

/** Which of its services a domain uses; one at a time. */
export type DnsMode = "parking" | "dynadot-dns" | "name-servers";

/** The records of a domain's hosted DNS. */
export interface HostedDns {
    readonly main: readonly HostedRecord[];
    readonly sub: readonly HostedSubRecord[];
    /** Seconds. */
    readonly ttl: number;
}

/** A domain of the account. */
export interface DomainState {
    readonly name: string;
    /** Milliseconds since 1970. */
    readonly registration: number;
    readonly expiration: number;
    mode: DnsMode;
    nameServers: string[];
    hosted: HostedDns;
    ds: DelegationSigner[];
    /** The latest full replacement of the hosted DNS. */
    replaced?: { readonly at: number; readonly by: HostedDns };
}

/** A name server that the account knows. Without addresses it is somebody else's. */
export interface NameServerHost {
    readonly id: number;
    readonly name: string;
    addresses: string[];
}

/** Everything that the emulated registrar remembers. */
export interface AccountState {
    domains: DomainState[];
    hosts: NameServerHost[];
    nextHostId: number;
}

/** Seconds; what a domain has whose TTL was never set (API3 documentation). */
export const DEFAULT_TTL = 300;

/** Hosted DNS with nothing in it. */
export const NO_RECORDS: HostedDns = { main: [], sub: [], ttl: DEFAULT_TTL };

/** A request that the registrar understands and turns down. Its message is what the API says. */
export class DynadotRefusal extends Error {
    /** HTTP status of the RESTful API; API3 answers 200 whatever it is. */
    readonly status: number;

    constructor(message: string, status = 400) {
        super(message);
        this.name = "DynadotRefusal";
        this.status = status;
    }
}

/** The account's domain. Throws the refusal of the API for others. */
export function ownDomain(account: AccountState, name: string): DomainState {
    const domain = account.domains.find((d) => d.name === name.toLowerCase());
    if (domain === undefined)
        throw new DynadotRefusal("could not find domain in your account", 404);
    return domain;
}
