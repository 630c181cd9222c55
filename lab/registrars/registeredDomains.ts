import { dsOfKey, type ZoneKey } from "../../provider/dns/lookup/delegationSigners.ts";
import { VirtualClock } from "../dynadot/virtualClock.ts";
import type { ExchangeTiming } from "../dynadot/exchange.ts";
import type { Registry } from "../parts.ts";

/** A domain of the account. Names without trailing dot. */
export interface RegisteredDomain {
    readonly name: string;
    readonly nameServers: readonly string[];
    /** Whether the registrar's own DNS answers for it, by choice of no other. */
    readonly own: boolean;
    /** Addresses by host. */
    readonly hosts: Readonly<Record<string, readonly string[]>>;
    /** Keys that its DS records are made of. */
    readonly keys: readonly ZoneKey[];
}

/** What is to be different about a domain, from what it is by then. */
export type DomainChange = (domain: RegisteredDomain) => Partial<Omit<RegisteredDomain, "name">>;

/** The account as one request sees it: a reading may lag behind, a write may be late. */
export interface AccountView {
    /** The domain; undefined where it is not of the account. */
    find(name: string): RegisteredDomain | undefined;
    /** Every domain of the account. */
    readonly all: readonly RegisteredDomain[];
    /** Changes a domain of the account as far as {@link RegisteredDomains.effect} lets it. */
    change(name: string, change: DomainChange): Promise<RegisteredDomain>;
}

/** What becomes of a write: done; answered with success and not done; or done, and undone at once by somebody else's. */
export type WriteEffect =
    | { readonly kind: "done" | "ignored" }
    | { readonly kind: "overwritten"; readonly nameServers: readonly string[] };

/** A change that was promised and is not done yet. */
interface LateChange {
    readonly due: number;
    readonly name: string;
    readonly change: DomainChange;
}

/** The domains of one account at an emulated registrar. Every change is told to the registry before it is valid. */
export class RegisteredDomains implements AccountView {
    /** What becomes of the writes to come. */
    effect: WriteEffect = { kind: "done" };
    readonly clock = new VirtualClock();
    readonly #registry: Registry | undefined;
    #history: { readonly at: number; readonly domains: readonly RegisteredDomain[] }[];
    #late: LateChange[] = [];

    /** @param own - the registrar's own name servers, which the domains are on at first */
    constructor(names: readonly string[], own: readonly string[], registry?: Registry) {
        this.#registry = registry;
        const domains = names.map((name) => ({
            name,
            nameServers: own,
            own: true,
            hosts: {},
            keys: [],
        }));
        this.#history = [{ at: 0, domains }];
    }

    get all(): readonly RegisteredDomain[] {
        return this.#asOf(Number.POSITIVE_INFINITY);
    }

    find(name: string): RegisteredDomain | undefined {
        return named(this.all, name);
    }

    change(name: string, change: DomainChange): Promise<RegisteredDomain> {
        return this.view({}).change(name, change);
    }

    /** The account as a request with this timing sees it. */
    view({ staleSeconds = 0, lateSeconds = 0 }: ExchangeTiming): AccountView {
        const all = this.#asOf(this.clock.now() - staleSeconds * 1000);
        return {
            all,
            find: (name) => named(all, name),
            change: async (name, change) => {
                if (lateSeconds === 0) {
                    const changed = await this.#apply(name, change);
                    await this.#applyLate(() => true);
                    return changed;
                }
                const before = this.#existing(name);
                this.#late.push({ due: this.clock.now() + lateSeconds * 1000, name, change });
                return { ...before, ...change(before) };
            },
        };
    }

    /** Does what is late and due by now. */
    async settle(): Promise<void> {
        await this.#applyLate(({ due }) => due <= this.clock.now());
    }

    /** Puts other domains in their place; `past` is what readings see that lag behind. */
    restore(domains: readonly RegisteredDomain[], past = domains): void {
        this.#late = [];
        this.#history = [
            { at: 0, domains: past },
            { at: this.clock.now(), domains },
        ];
    }

    #asOf(time: number): readonly RegisteredDomain[] {
        return this.#history.findLast(({ at }) => at <= time)?.domains ?? [];
    }

    #existing(name: string): RegisteredDomain {
        const found = this.find(name);
        if (found === undefined) throw new RangeError(`the account has no domain ${name}`);
        return found;
    }

    async #applyLate(due: (late: LateChange) => boolean): Promise<void> {
        const ready = this.#late.filter(due);
        this.#late = this.#late.filter((late) => !ready.includes(late));
        for (const { name, change } of ready) await this.#apply(name, change);
    }

    async #apply(name: string, change: DomainChange): Promise<RegisteredDomain> {
        const before = this.#existing(name);
        if (this.effect.kind === "ignored") return before;
        const changes = change(before);
        const wanted = { ...before, ...changes };
        const after =
            this.effect.kind === "overwritten" && changes.nameServers !== undefined
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
        const domains = this.all.map((domain) => (domain.name === after.name ? after : domain));
        this.#history = [...this.#history, { at: this.clock.now(), domains }];
        return after;
    }
}

function named(domains: readonly RegisteredDomain[], name: string): RegisteredDomain | undefined {
    return domains.find((domain) => domain.name === name.toLowerCase());
}

/** Hosts without one of them. */
export function withoutHost(
    hosts: RegisteredDomain["hosts"],
    gone: string,
): RegisteredDomain["hosts"] {
    return Object.fromEntries(Object.entries(hosts).filter(([host]) => host !== gone));
}
