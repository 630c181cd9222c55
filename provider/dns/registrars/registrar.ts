import type { ZoneKey } from "../lookup/delegationSigners.ts";

/** Host records at the registry: the glue of name servers that lie below a domain. Names with trailing dot. */
export interface HostRecords {
    /** Why the registry cannot hold this one; undefined where it can. */
    obstacle?(
        domain: string,
        host: string,
        addresses: readonly string[],
    ): Promise<string | undefined>;
    /** Addresses of a host; undefined where there is none of that name. */
    read(domain: string, host: string): Promise<string[] | undefined>;
    register(domain: string, host: string, addresses: readonly string[]): Promise<void>;
    setAddresses(domain: string, host: string, addresses: readonly string[]): Promise<void>;
    /** Resolves to why the host stays, where it has to. */
    remove(domain: string, host: string): Promise<string | undefined>;
    /** Makes a name server outside the domain known, where the account has to know it first. */
    makeKnown?(host: string): Promise<void>;
    /** Whether a name server outside the domain is known to the account. */
    isKnown?(host: string): Promise<boolean>;
}

/** DS records at the registry, in presentation format. */
export interface Signers {
    read(domain: string): Promise<string[]>;
    /** Makes them exactly the wanted ones. `keys` resolves to the keys that the zone serves. */
    set(
        domain: string,
        wanted: readonly string[],
        keys: () => Promise<readonly ZoneKey[]>,
    ): Promise<void>;
    /** Withdraws every DS record, also where a reading, which may lag behind, has none. */
    clear?(domain: string): Promise<void>;
}

/**
 * One user's turn at an account of a registrar. Names are canonical, with trailing dot. Every write reads first, is skipped
 * where nothing would change, and is read back; one whose answer was lost is repeated only after reading what became of it.
 */
export interface Registrar {
    /**
     * Name servers of a domain; none while it is on the registrar's own DNS by choice of no other, or parked.
     *
     * @param expected - where a reading shows others, it is repeated for as long as readings may lag behind
     */
    nameServers(domain: string, expected?: readonly string[]): Promise<string[]>;
    /** @param found - what {@link nameServers} said when it was decided to set others */
    setNameServers(
        domain: string,
        names: readonly string[],
        found: readonly string[],
    ): Promise<void>;
    /** Gives the domain back to the registrar's own DNS. Absent where the API has no way to say so. */
    clearNameServers?(domain: string): Promise<void>;
    /** What would be lost with other name servers; undefined where nothing would. */
    loss?(domain: string): Promise<string | undefined>;
    /** What a person has to know before name servers are set. */
    readonly caution?: string;
    /** Absent where the API has none. */
    readonly hosts?: HostRecords;
    /** Absent where the API has none. */
    readonly signers?: Signers;
}

/** A registrar as the provider is configured for it. */
export interface RegistrarConnection {
    /** Runs `act` while nobody else of this process uses the account. */
    turn<T>(act: (registrar: Registrar) => Promise<T>, signal: AbortSignal): Promise<T>;
}
