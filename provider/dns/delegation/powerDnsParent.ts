import { createHash } from "node:crypto";
import { join } from "node:path";
import type { CallContext } from "../../framework/resource.ts";
import { addressType } from "../addresses.ts";
import { powerDns } from "../connections.ts";
import { exclusivelyOnMachine, sharedDirectory } from "../machineLock.ts";
import { isWithin } from "../names.ts";
import type { PowerDnsChange } from "../powerdns/types.ts";
import {
    decideCreate,
    decideDelete,
    decideUpdate,
    Refusal,
    showLive,
} from "../recordSetDecisions.ts";
import { programForm, sameRecordSet, type DesiredRecordSet } from "../recordSets.ts";
import type { ZoneSnapshot } from "../zoneSnapshot.ts";
import type {
    DelegationInputs,
    DelegationState,
    LiveDelegation,
    NameServer,
    ParentSide,
} from "./types.ts";

type Content = Pick<DelegationInputs, "domain" | "nameServers" | "ds" | "ttl">;

/** The parent zone is at the same PowerDNS: NS, glue and DS are record sets there, written in one PATCH. */
export const powerDnsParent: ParentSide = {
    async foresee(wanted, before, context) {
        const zone = await powerDns(context.config).zone(parentOf(wanted)).read(context.signal);
        if (zone === undefined) throw noParent(wanted);
        decide(zone, wanted, before, { owner: wanted.owner, claim: before?.claim ?? "" }, false);
    },

    async assertFree(wanted, context) {
        const zone = await powerDns(context.config).zone(parentOf(wanted)).read(context.signal);
        if (zone === undefined) throw noParent(wanted);
        const [ns] = delegationSets(wanted);
        const live = zone.find(wanted.domain, "NS");
        const known =
            live !== undefined &&
            ns !== undefined &&
            live.mark === undefined &&
            sameRecordSet("NS", live, { ttl: live.ttl, contents: ns.contents });
        if (!known) decide(zone, wanted, undefined, { owner: wanted.owner, claim: "" }, false);
    },

    async apply(wanted, before, claim, context) {
        const mark = { owner: wanted.owner, claim };
        const job = {
            about: `the delegation of ${wanted.domain}`,
            decide: (live: ZoneSnapshot, attempted: boolean) =>
                decide(live, wanted, before, mark, attempted),
        };
        // PowerDNS has no compare-and-swap: two stacks that both find the name free would both write it.
        const zone = await exclusivelyOnMachine(
            lockFile(wanted.domain, context),
            (held) => powerDns(context.config).zone(parentOf(wanted)).run(job, held),
            context.signal,
        );
        if (zone === undefined) throw noParent(wanted);
        return { domain: wanted.domain, previousNameServers: [], registeredHosts: [], claim };
    },

    async read(at, before, context) {
        const zone = await powerDns(context.config).zone(parentOf(at)).read(context.signal);
        return zone === undefined ? undefined : liveDelegation(zone, at.domain, before);
    },

    async withdraw(state, context) {
        const left: string[] = [];
        await powerDns(context.config)
            .zone(parentOf(state))
            .run(
                {
                    about: `the withdrawal of the delegation of ${state.domain}`,
                    decide: (live) => {
                        left.length = 0;
                        return delegationSets(state).flatMap((set) => {
                            const decision = decideDelete(live, set, set, state);
                            if (decision.left !== undefined) left.push(decision.left);
                            return decision.changes;
                        });
                    },
                },
                context.signal,
            );
        for (const message of left) context.log.warning(message);
    },
};

/** Record sets that a delegation has in its parent zone: NS, DS, and addresses of the servers below the cut. */
export function delegationSets({ domain, nameServers, ds, ttl }: Content): DesiredRecordSet[] {
    const glue = nameServers
        .filter(({ name }) => isWithin(name, domain))
        .flatMap(({ name, addresses }) =>
            (["A", "AAAA"] as const).map((type) => ({
                name,
                type,
                ttl,
                contents: addresses.filter((address) => addressType(address) === type),
            })),
        );
    return [
        { name: domain, type: "NS", ttl, contents: nameServers.map(({ name }) => name) },
        { name: domain, type: "DS", ttl, contents: ds },
        ...glue,
    ].filter(({ contents }) => contents.length > 0);
}

function decide(
    zone: ZoneSnapshot,
    wanted: DelegationInputs,
    before: DelegationState | undefined,
    mark: { readonly owner: string; readonly claim: string },
    attempted: boolean,
): PowerDnsChange[] {
    const sets = delegationSets(wanted);
    if (before === undefined) refuseHidden(zone, wanted, sets, mark.owner);
    const earlier = before === undefined ? [] : delegationSets(before);
    const same = (a: DesiredRecordSet) => (b: DesiredRecordSet) =>
        a.name === b.name && a.type === b.type;
    const removed = earlier
        .filter((set) => !sets.some(same(set)))
        .flatMap((set) => decideDelete(zone, set, set, mark).changes);
    const written = sets.flatMap((set) => {
        const known = earlier.find(same(set));
        if (known !== undefined && zone.find(set.name, set.type) !== undefined)
            return decideUpdate(zone, set, known, mark);
        const glue = set.name !== wanted.domain || set.type === "A" || set.type === "AAAA";
        return decideCreate(zone, set, mark, { adopt: false, attempted, glue });
    });
    return [...removed, ...written];
}

/** A new delegation would take everything else at and below its name out of sight. */
function refuseHidden(
    zone: ZoneSnapshot,
    { domain }: Pick<DelegationInputs, "domain">,
    sets: readonly DesiredRecordSet[],
    owner: string,
): void {
    const hidden = zone.recordSets.filter(
        (live) =>
            live.contents.length > 0 &&
            live.mark?.owner !== owner &&
            isWithin(live.name, domain) &&
            !sets.some(({ name, type }) => name === live.name && type === live.type) &&
            !(live.name === domain && (live.type === "NS" || live.type === "DS")),
    );
    if (hidden.length > 0)
        throw new Refusal(
            `${zone.name} has records at or below ${domain} that nobody could see any more: ${hidden.map((live) => `${live.name} ${live.type} ${showLive(live)}`).join("; ")}. Nothing was changed. ` +
                "Write them in the new zone and remove them there, then run the command again.",
        );
}

function liveDelegation(
    zone: ZoneSnapshot,
    domain: string,
    before: DelegationState | undefined,
): LiveDelegation | undefined {
    const ns = zone.find(domain, "NS");
    if (ns === undefined) return undefined;
    const order = before?.nameServers.map(({ name }) => name) ?? [];
    const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
    const names = ns.contents.map((content) => programForm("NS", content));
    const server = (name: string): NameServer => ({
        name,
        addresses: isWithin(name, domain)
            ? ["A", "AAAA"].flatMap((type) =>
                  (zone.find(name, type)?.contents ?? []).map((c) => programForm(type, c)),
              )
            : (before?.nameServers.find((known) => known.name === name)?.addresses ?? []),
    });
    return {
        nameServers: names.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b)).map(server),
        ds: (zone.find(domain, "DS")?.contents ?? []).map((c) => programForm("DS", c)),
        ttl: ns.ttl,
        owner: ns.mark?.owner,
        claim: ns.mark?.claim,
    };
}

function lockFile(domain: string, { config }: CallContext): string {
    const service = config.required("powerdnsUrl", "for zones and records at PowerDNS");
    const digest = createHash("sha256").update(`${service}\n${domain}`).digest("hex").slice(0, 16);
    return join(sharedDirectory("delegations"), digest);
}

function parentOf({ domain, parent }: Pick<DelegationInputs, "domain" | "parent">): string {
    if (parent === undefined) throw new RangeError(`the delegation of ${domain} names no parent`);
    return parent;
}

function noParent({ domain, parent = "" }: DelegationInputs): Refusal {
    return new Refusal(
        `PowerDNS has no zone ${parent}, so ${domain} cannot be delegated there. ` +
            "Check `parent` and the provider's powerdnsUrl, or choose another `via`.",
    );
}
