import type { Registry } from "../parts.ts";
import { dsOfKey, type ZoneKey } from "../../provider/dns/lookup/delegationSigners.ts";

/** A domain of the account. Names without trailing dot. */
export interface RegisteredDomain {
    readonly name: string;
    nameServers: readonly string[];
    /** Whether the registrar's own DNS answers for it, by choice of no other. */
    own: boolean;
    /** Addresses by host. */
    hosts: Readonly<Record<string, readonly string[]>>;
    /** Keys that its DS records are made of. */
    keys: readonly ZoneKey[];
}

/** What becomes of a write: done; answered with success and not done; or done, and undone at once by somebody else's. */
export type WriteEffect =
    | { readonly kind: "done" | "ignored" }
    | { readonly kind: "overwritten"; readonly nameServers: readonly string[] };

/** The domains of one account at an emulated registrar. Every change is told to the registry before it is valid. */
export class RegisteredDomains {
    /** What becomes of the writes to come. */
    effect: WriteEffect = { kind: "done" };
    readonly #registry: Registry | undefined;
    #domains: readonly RegisteredDomain[];

    /** @param own - the registrar's own name servers, which the domains are on at first */
    constructor(names: readonly string[], own: readonly string[], registry?: Registry) {
        this.#registry = registry;
        this.#domains = names.map((name) => ({
            name,
            nameServers: own,
            own: true,
            hosts: {},
            keys: [],
        }));
    }

    /** Every domain of the account. */
    get all(): readonly RegisteredDomain[] {
        return this.#domains;
    }

    /** The domain; undefined where it is not of the account. */
    find(name: string): RegisteredDomain | undefined {
        return this.#domains.find((domain) => domain.name === name.toLowerCase());
    }

    /** Changes a domain of the account as far as {@link effect} lets it. */
    async change(
        name: string,
        change: Partial<Omit<RegisteredDomain, "name">>,
    ): Promise<RegisteredDomain> {
        const before = this.find(name);
        if (before === undefined) throw new RangeError(`the account has no domain ${name}`);
        if (this.effect.kind === "ignored") return before;
        const wanted = { ...before, ...change };
        const after =
            this.effect.kind === "overwritten" && change.nameServers !== undefined
                ? { ...wanted, nameServers: this.effect.nameServers }
                : wanted;
        await this.#registry?.publish({
            domain: after.name,
            nameServers: after.own ? [] : after.nameServers,
            glue: after.own
                ? {}
                : Object.fromEntries(
                      Object.entries(after.hosts).filter(([host]) =>
                          after.nameServers.includes(host),
                      ),
                  ),
            ds: after.own ? [] : after.keys.map((key) => dsOfKey(key, `${after.name}.`)),
        });
        this.#domains = this.#domains.map((domain) => (domain === before ? after : domain));
        return after;
    }
}

/** Hosts without one of them. */
export function withoutHost(
    hosts: RegisteredDomain["hosts"],
    gone: string,
): RegisteredDomain["hosts"] {
    return Object.fromEntries(Object.entries(hosts).filter(([host]) => host !== gone));
}
