import type { CallContext } from "../../framework/resource.ts";
import { dsMatches, type ZoneKey } from "../lookup/delegationSigners.ts";
import { isWithin } from "../names.ts";
import { Refusal } from "../recordSetDecisions.ts";
import { publishedSigners } from "../zone/parentSigners.ts";
import type { DelegationInputs, DelegationState, NameServer } from "../delegation/types.ts";
import { glueRefusal } from "./byHand.ts";
import { listed, sameSet } from "./names.ts";
import type { RegistrarProfile } from "./profiles.ts";
import type { HostRecords, Registrar, Signers } from "./registrar.ts";
import { zoneKeys } from "./zoneKeys.ts";

/** What is at the registrar before anything is written. */
export interface Survey {
    readonly nameServers: readonly string[];
    /** Whether the domain has the name servers that are wanted. */
    readonly delegated: boolean;
}

/** A delegation to write, and what it is written with. */
export interface Task {
    readonly profile: RegistrarProfile;
    readonly registrar: Registrar;
    readonly wanted: DelegationInputs;
    readonly before: DelegationState | undefined;
    readonly context: CallContext;
}

/** The registrar's host records, unless a person enters them. */
export function hostsOf(
    registrar: Registrar,
    { byHand }: Pick<DelegationInputs, "byHand">,
): HostRecords | undefined {
    return byHand?.includes("glue") === true ? undefined : registrar.hosts;
}

/** The registrar's DS records, unless a person enters them. */
export function signersOf(
    registrar: Registrar,
    { byHand }: Pick<DelegationInputs, "byHand">,
): Signers | undefined {
    return byHand?.includes("ds") === true ? undefined : registrar.signers;
}

/** Looks at everything that a write would touch, and changes nothing. Throws where something is not ours. */
export async function survey(task: Task): Promise<Survey> {
    const { registrar, wanted, before, profile } = task;
    const { domain } = wanted;
    const nameServers = await registrar.nameServers(
        domain,
        before?.nameServers.map(({ name }) => name),
    );
    const names = wanted.nameServers.map(({ name }) => name);
    const delegated = sameSet(nameServers, names);
    if (nameServers.length === 0) {
        const loss = await registrar.loss?.(domain);
        if (loss !== undefined)
            throw new Refusal(
                `${domain} has ${loss}, which would be gone once it has other name servers. Nothing was changed. ` +
                    `Copy them into the new zone and remove them at ${profile.name}, then run the command again.`,
            );
    }
    const expected =
        before === undefined ||
        delegated ||
        sameSet(
            nameServers,
            before.nameServers.map(({ name }) => name),
        ) ||
        sameSet(nameServers, before.previousNameServers);
    if (!expected)
        throw new Refusal(
            `the name servers of ${domain} were changed by somebody else: they now are ${listed(nameServers)}. Nothing was changed. ` +
                "Run `pulumi refresh` to take that into the state, look at the preview, then run the command again.",
        );
    await refuseForeignSigners(task, delegated);
    for (const server of wanted.nameServers) await refuseHost(task, server);
    return { nameServers, delegated };
}

async function refuseForeignSigners(task: Task, delegated: boolean): Promise<void> {
    const { registrar, wanted, before, profile } = task;
    const { domain } = wanted;
    const signers = signersOf(registrar, wanted);
    if (signers === undefined) {
        if (!delegated) await refuseForeignAtParent(task);
        return;
    }
    const foreign = (await signers.read(domain)).filter(
        (ds) => !wanted.ds.includes(ds) && before?.ds.includes(ds) !== true,
    );
    if (foreign.length > 0)
        throw new Refusal(
            `${domain} has ${foreign.map((ds) => `DS ${ds}`).join(" and ")} at ${profile.name}, which is not ours: with other name servers the domain would fail to validate. ` +
                `Nothing was changed. Remove it at ${profile.name}, wait for as long as its TTL, then run the command again.`,
        );
}

/** Where the API says nothing of DS records, the parent does: one of another zone's key would make the domain fail to validate. */
async function refuseForeignAtParent({ wanted, context, profile }: Task): Promise<void> {
    const { domain } = wanted;
    const published = await publishedSigners(domain, context);
    const unknown = published.filter((ds) => !wanted.ds.includes(ds));
    if (unknown.length === 0) return;
    const keys = await zoneKeys(wanted, context).catch((): readonly ZoneKey[] => []);
    context.signal.throwIfAborted();
    const foreign = unknown.filter((ds) => !dsMatches(ds, domain, keys));
    if (foreign.length > 0)
        throw new Refusal(
            `the parent of ${domain} publishes ${foreign.map((ds) => `DS ${ds}`).join(" and ")}, which speaks of no key of the new zone: with other name servers the domain would fail to validate. ` +
                `Nothing was changed. Turn DNSSEC off in ${profile.name}'s control panel, wait for as long as the TTL of the DS, then run the command again.`,
        );
}

async function refuseHost(task: Task, { name, addresses }: NameServer): Promise<void> {
    const { registrar, wanted, before, profile } = task;
    const { domain } = wanted;
    const hosts = hostsOf(registrar, wanted);
    if (hosts === undefined || !isWithin(name, domain)) return;
    const obstacle = await hosts.obstacle?.(domain, name, addresses);
    if (obstacle !== undefined)
        throw new Refusal(glueRefusal(profile.name, obstacle, domain, { name, addresses }));
    if (before?.registeredHosts.includes(name) === true) return;
    const live = await hosts.read(domain, name);
    if (live !== undefined && !sameSet(live, addresses))
        throw new Refusal(
            `the host ${name} is registered at ${profile.name} with ${listed(live)}, not with ${listed(addresses)}, and not by this program. ` +
                `Nothing was changed. Give the name server those addresses, or delete the host at ${profile.name}.`,
        );
}
