import { describe } from "../../framework/failures.ts";
import { PartialFailure, type CallContext } from "../../framework/resource.ts";
import { isWithin } from "../names.ts";
import { entriesByHand } from "../registrars/byHand.ts";
import { registrar as connect } from "../registrars/connect.ts";
import { sameSet } from "../registrars/names.ts";
import { REGISTRARS, type RegistrarKey } from "../registrars/profiles.ts";
import type { Registrar } from "../registrars/registrar.ts";
import { hostsOf, signersOf, survey, type Task } from "../registrars/survey.ts";
import { takeBack } from "../registrars/takeBack.ts";
import { zoneKeys } from "../registrars/zoneKeys.ts";
import type {
    DelegationInputs,
    DelegationOutputs,
    DelegationState,
    NameServer,
    ParentSide,
} from "./types.ts";

/**
 * The domain is registered at a registrar with an API. Written in this order: host records, name servers, DS; withdrawn in the
 * opposite one, with the name servers put back that were there before.
 */
export function registrarParent(key: RegistrarKey): ParentSide {
    const profile = REGISTRARS[key];
    const turn = <T>(context: CallContext, act: (registrar: Registrar) => Promise<T>) =>
        connect(key, context.config).turn(act, context.signal);
    return {
        foresee: (wanted, before, context) =>
            turn(context, async (registrar) => {
                const { delegated } = await survey({
                    profile,
                    registrar,
                    wanted,
                    before,
                    context,
                });
                if (!delegated && registrar.caution !== undefined)
                    context.log.warning(registrar.caution);
                tellByHand(profile.name, wanted, before, context);
            }),
        apply: (wanted, before, claim, context) =>
            turn(context, (registrar) =>
                write({ profile, registrar, wanted, before, context }, claim),
            ),
        read: (at, before, context) =>
            turn(context, async (registrar) => {
                const names = await registrar.nameServers(at.domain);
                if (names.length === 0) return undefined;
                const signers = signersOf(registrar, before ?? {});
                return {
                    nameServers: await serversOf(registrar, names, at.domain, before),
                    ds: (await signers?.read(at.domain)) ?? before?.ds ?? [],
                };
            }),
        withdraw: (state, context) =>
            turn(context, (registrar) => takeBack({ profile, registrar, state, context })),
    };
}

async function write(task: Task, claim: string): Promise<DelegationOutputs> {
    const { profile, registrar, wanted, before, context } = task;
    const { domain } = wanted;
    const found = await survey(task);
    const names = wanted.nameServers.map(({ name }) => name);
    const outputs = {
        domain,
        previousNameServers: before?.previousNameServers ?? [...found.nameServers],
        registeredHosts: [...(before?.registeredHosts ?? [])],
        claim,
    };
    // What a state must say while an update is not complete: by it the next run knows the old name servers and DS as ours.
    const meanwhile = {
        nameServers: before?.nameServers ?? wanted.nameServers,
        ds: [...new Set([...(before?.ds ?? []), ...wanted.ds])],
    };
    try {
        for (const server of wanted.nameServers)
            await makeKnown(task, server, outputs.registeredHosts);
        if (!found.delegated) await registrar.setNameServers(domain, names, found.nameServers);
        meanwhile.nameServers = wanted.nameServers;
        await signersOf(registrar, wanted)?.set(domain, wanted.ds, () => zoneKeys(wanted, context));
        await removeUnused(task, outputs);
        tellByHand(profile.name, wanted, before, context);
        return outputs;
    } catch (error) {
        throw new PartialFailure(
            domain,
            { ...outputs, ...meanwhile },
            `the delegation of ${domain} at ${profile.name} is not complete: ${describe(error)}`,
            { cause: error instanceof Error ? error.cause : undefined },
        );
    }
}

/** Notes a new host in `registered` before it is asked for: whether it was made is not known where that fails. */
async function makeKnown(
    { registrar, wanted }: Task,
    { name, addresses }: NameServer,
    registered: string[],
): Promise<void> {
    const { domain } = wanted;
    const hosts = hostsOf(registrar, wanted);
    if (hosts === undefined) return;
    const note = () => {
        if (!registered.includes(name)) registered.push(name);
    };
    if (!isWithin(name, domain)) {
        if (hosts.makeKnown === undefined || (await hosts.isKnown?.(name)) === true) return;
        note();
        await hosts.makeKnown(name);
        return;
    }
    if ((await hosts.read(domain, name)) !== undefined) {
        await hosts.setAddresses(domain, name, addresses);
        return;
    }
    note();
    await hosts.register(domain, name, addresses);
}

async function removeUnused(
    { registrar, wanted, context }: Task,
    outputs: { registeredHosts: string[] },
): Promise<void> {
    const names = wanted.nameServers.map(({ name }) => name);
    const unused = outputs.registeredHosts.filter((host) => !names.includes(host));
    for (const host of unused) {
        const stays = await registrar.hosts?.remove(wanted.domain, host);
        if (stays !== undefined) context.log.warning(`the host ${host} stays: ${stays}`);
    }
    outputs.registeredHosts = outputs.registeredHosts.filter((host) => !unused.includes(host));
}

function tellByHand(
    name: string,
    wanted: DelegationInputs,
    before: DelegationState | undefined,
    context: CallContext,
): void {
    const entries = entriesByHand(wanted);
    if (before !== undefined && sameSet(entries, entriesByHand(before))) return;
    if (entries.length > 0)
        context.log.warning(
            `${name}'s API is not asked for this; enter it by hand in ${name}'s control panel: ${entries.join("; ")}`,
        );
}

async function serversOf(
    registrar: Registrar,
    names: readonly string[],
    domain: string,
    before: DelegationState | undefined,
): Promise<NameServer[]> {
    const order = before?.nameServers.map(({ name }) => name) ?? [];
    const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
    const sorted = [...names].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
    const servers: NameServer[] = [];
    for (const name of sorted) {
        const known = before?.nameServers.find((server) => server.name === name)?.addresses ?? [];
        const hosts = hostsOf(registrar, before ?? {});
        const live =
            hosts !== undefined && isWithin(name, domain)
                ? ((await hosts.read(domain, name)) ?? [])
                : known;
        servers.push({ name, addresses: sameSet(live, known) ? known : live });
    }
    return servers;
}
