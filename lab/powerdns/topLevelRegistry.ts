import ipaddr from "ipaddr.js";
import PQueue from "p-queue";
import type { Registry, RegistryDelegation } from "../parts.ts";
import type { PowerDnsApi, RecordSet, RecordSetChange } from "./powerDnsApi.ts";
import { sameRecords } from "./seed.ts";

/** Seconds that a delegation may be cached; real registries use a day and more. */
export const DELEGATION_TTL = 60;

const GLUE_TYPES = ["A", "AAAA"] as const;

/** The record sets that stand in the registry's zone for one registered domain. */
export function delegationRecordSets(delegation: RegistryDelegation): RecordSet[] {
    const domain = absolute(delegation.domain);
    const sets: RecordSet[] = [];
    const add = (name: string, type: string, records: readonly string[]) => {
        if (records.length > 0)
            sets.push({ name, type, ttl: DELEGATION_TTL, records: [...records] });
    };
    add(domain, "NS", delegation.nameServers.map(absolute));
    add(
        domain,
        "DS",
        delegation.ds.map((ds) => ds.toLowerCase()),
    );
    for (const [host, addresses] of Object.entries(delegation.glue)) {
        const parsed = addresses.map((address) => ipaddr.parse(address));
        const of = (kind: string) => parsed.filter((a) => a.kind() === kind).map(String);
        add(absolute(host), "A", of("ipv4"));
        add(absolute(host), "AAAA", of("ipv6"));
    }
    return sets;
}

/** What has to change in the registry's zone so that it holds `wanted` for the domain, and no more of it. */
export function delegationChanges(
    domain: string,
    existing: readonly RecordSet[],
    wanted: readonly RecordSet[],
): RecordSetChange[] {
    const ours = ({ name, type }: RecordSet) =>
        name === domain
            ? type === "NS" || type === "DS" || GLUE_TYPES.some((t) => t === type)
            : name.endsWith(`.${domain}`) && GLUE_TYPES.some((t) => t === type);
    const find = (sets: readonly RecordSet[], { name, type }: RecordSet) =>
        sets.find((set) => set.name === name && set.type === type);
    return [
        ...existing
            .filter((set) => ours(set) && find(wanted, set) === undefined)
            .map(({ name, type }) => ({ name, type })),
        ...wanted.filter((set) => !sameRecords(find(existing, set), set)),
    ];
}

/**
 * The registry of the lab's top-level domain: publishes the parent side of registered domains into its signed zone, one
 * PATCH per domain. Refuses names that are not directly below it, and those that the lab itself registered elsewhere.
 */
export class TopLevelRegistry implements Registry {
    readonly #api: PowerDnsApi;
    readonly #zone: string;
    readonly #reserved: readonly string[];
    readonly #queue = new PQueue({ concurrency: 1 });

    /**
     * @param zone - the top-level zone, with trailing dot
     * @param reserved - domains of other registrars, with trailing dot
     */
    constructor(api: PowerDnsApi, zone: string, reserved: readonly string[]) {
        this.#api = api;
        this.#zone = zone;
        this.#reserved = reserved;
    }

    async publish(delegation: RegistryDelegation): Promise<void> {
        const domain = absolute(delegation.domain);
        this.#check(domain, delegation);
        await this.#queue.add(async () => {
            const existing = await this.#api.recordSets(this.#zone);
            if (existing === undefined)
                throw new Error(`the registry's zone ${this.#zone} is not there`);
            const wanted = delegationRecordSets(delegation);
            await this.#api.change(this.#zone, delegationChanges(domain, existing, wanted));
        });
    }

    #check(domain: string, delegation: RegistryDelegation): void {
        const refuse = (why: string) => {
            throw new Error(`the registry of ${this.#zone} refuses ${domain}: ${why}`);
        };
        const labels = domain.slice(0, -this.#zone.length - 1);
        if (!domain.endsWith(`.${this.#zone}`) || labels === "" || labels.includes("."))
            refuse(`it registers names directly below ${this.#zone} only`);
        if (this.#reserved.includes(domain)) refuse("another registrar holds it");
        if (delegation.ds.length > 0 && delegation.nameServers.length === 0)
            refuse("DS records need name servers beside them");
        for (const host of Object.keys(delegation.glue).map(absolute))
            if (host !== domain && !host.endsWith(`.${domain}`))
                refuse(`${host} is no host of this domain, so it can have no address there`);
    }
}

function absolute(name: string): string {
    return name.toLowerCase().replace(/\.?$/, ".");
}
