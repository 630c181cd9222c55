import type { CallContext } from "../../framework/resource.ts";
import type { DelegationState } from "../delegation/types.ts";
import { Refusal } from "../recordSetDecisions.ts";
import { publishedSigners } from "../zone/parentSigners.ts";
import { listed, sameSet } from "./names.ts";
import type { RegistrarProfile } from "./profiles.ts";
import type { Registrar } from "./registrar.ts";
import { signersOf } from "./survey.ts";
import { zoneKeys } from "./zoneKeys.ts";

/** A delegation to take back, and what it is taken back with. */
export interface Withdrawal {
    readonly profile: RegistrarProfile;
    readonly registrar: Registrar;
    readonly state: DelegationState;
    readonly context: CallContext;
}

/** Takes away what is ours: DS records, then name servers, whose old set is put back, then host records. */
export async function takeBack(task: Withdrawal): Promise<void> {
    const { profile, registrar, state, context } = task;
    const { domain, previousNameServers } = state;
    const ours = state.nameServers.map(({ name }) => name);
    const live = await registrar.nameServers(domain, ours);
    // A run that was cut off may have put the old ones back already.
    const restored = live.length === 0 || sameSet(live, previousNameServers);
    if (!sameSet(live, ours) && !restored) {
        context.log.warning(
            `the name servers of ${domain} at ${profile.name} are ${listed(live)} now, which are not this program's, so they are left as they are`,
        );
        return;
    }
    await unsign(task, live);
    if (sameSet(live, ours)) await restore(task);
    for (const host of state.registeredHosts) {
        const stays = await registrar.hosts?.remove(domain, host);
        if (stays !== undefined)
            context.log.warning(`the host ${host} stays at ${profile.name}: ${stays}`);
    }
}

async function unsign(
    { profile, registrar, state, context }: Withdrawal,
    nameServers: readonly string[],
): Promise<void> {
    const { domain, previousNameServers } = state;
    const signers = signersOf(registrar, state);
    if (signers !== undefined) {
        const published = await signers.read(domain);
        // A reading may lag behind: what this program published is withdrawn even where it is not seen.
        const unseen = state.ds.length > 0 && signers.clear !== undefined;
        if (published.length === 0 && !unseen) return;
        const foreign = published.filter((ds) => !state.ds.includes(ds));
        if (foreign.length === 0 && signers.clear !== undefined) await signers.clear(domain);
        else await signers.set(domain, foreign, () => zoneKeys(state, context));
        return;
    }
    if (nameServers.length === 0 || sameSet(nameServers, previousNameServers)) return;
    const published = await publishedSigners(domain, context);
    if (published.length > 0)
        throw new Refusal(
            `the parent of ${domain} publishes ${published.map((ds) => `DS ${ds}`).join(" and ")}, and ${profile.name}'s API cannot withdraw it: with the old name servers the domain would fail to validate. ` +
                `Nothing was changed. Remove it in ${profile.name}'s control panel, wait for as long as its TTL, then run the command again.`,
        );
}

async function restore({ profile, registrar, state, context }: Withdrawal): Promise<void> {
    const { domain, previousNameServers, nameServers } = state;
    const ours = nameServers.map(({ name }) => name);
    if (sameSet(previousNameServers, ours))
        context.log.warning(
            `the name servers of ${domain} were the same before this program, so they are left as they are`,
        );
    else if (previousNameServers.length > 0)
        await registrar.setNameServers(domain, previousNameServers, ours);
    else if (registrar.clearNameServers !== undefined) await registrar.clearNameServers(domain);
    else
        context.log.warning(
            `${domain} had no name servers before this program, and ${profile.name}'s API has no way to take them all away, so they are left as they are`,
        );
}
