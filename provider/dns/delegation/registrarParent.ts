import { describe } from "../../framework/failures.ts";
import { PartialFailure, type CallContext } from "../../framework/resource.ts";
import { dynadot } from "../connections.ts";
import { DynadotRefused } from "../dynadot/failures.ts";
import type { DynadotSession } from "../dynadot/session.ts";
import { isWithin } from "../names.ts";
import { Refusal } from "../recordSetDecisions.ts";
import type {
    DelegationInputs,
    DelegationOutputs,
    DelegationState,
    NameServer,
    ParentSide,
} from "./types.ts";

/**
 * The domain is registered at Dynadot. Written in this order: host records, name servers, DS; withdrawn in the opposite one,
 * with the name servers put back that were there before.
 */
export const registrarParent: ParentSide = {
    foresee: (wanted, before, context) =>
        dynadot(context.config).turn(async (account) => {
            await survey(account, wanted, before);
        }, context.signal),

    apply: (wanted, before, claim, context) =>
        dynadot(context.config).turn(
            (account) => write(account, wanted, before, claim),
            context.signal,
        ),

    read: (at, before, context) =>
        dynadot(context.config).turn(async (account) => {
            const names = await account.nameServers(at.domain);
            if (names.length === 0) return undefined;
            const order = before?.nameServers.map(({ name }) => name) ?? [];
            const rank = (name: string) =>
                order.includes(name) ? order.indexOf(name) : order.length;
            const nameServers: NameServer[] = [];
            for (const name of names.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b)))
                nameServers.push({
                    name,
                    addresses: await addressesAt(account, name, at.domain, before),
                });
            return { nameServers, ds: await account.signers(at.domain) };
        }, context.signal),

    withdraw: (state, context) =>
        dynadot(context.config).turn(
            (account) => takeBack(account, state, context),
            context.signal,
        ),
};

interface Survey {
    readonly nameServers: readonly string[];
    readonly signers: readonly string[];
    /** Whether the domain has the name servers that are wanted. */
    readonly delegated: boolean;
}

/** Looks at everything that a write would touch. Throws where something is not ours. */
async function survey(
    account: DynadotSession,
    wanted: DelegationInputs,
    before: DelegationState | undefined,
): Promise<Survey> {
    const { domain } = wanted;
    const nameServers = await account.nameServers(domain);
    const names = wanted.nameServers.map(({ name }) => name);
    const delegated = sameSet(nameServers, names);
    if (nameServers.length === 0) {
        const hosted = await account.hostedDns(domain);
        const records = hosted.main.length + hosted.sub.length;
        if (records > 0)
            throw new Refusal(
                `${domain} has ${records} records on Dynadot's own DNS, which would be gone once it has other name servers. Nothing was changed. ` +
                    "Copy them into the new zone and remove them at Dynadot, then run the command again.",
            );
    }
    const expected =
        before === undefined ||
        delegated ||
        sameSet(nameServers, namesOf(before)) ||
        sameSet(nameServers, before.previousNameServers);
    if (!expected)
        throw new Refusal(
            `the name servers of ${domain} were changed by somebody else: they now are ${listed(nameServers)}. Nothing was changed. ` +
                "Run `pulumi refresh` to take that into the state, look at the preview, then run the command again.",
        );
    const signers = await account.signers(domain);
    const foreign = signers.filter(
        (ds) => !wanted.ds.includes(ds) && before?.ds.includes(ds) !== true,
    );
    if (foreign.length > 0)
        throw new Refusal(
            `${domain} has ${foreign.map((ds) => `DS ${ds}`).join(" and ")} at Dynadot, which is not ours: with other name servers the domain would fail to validate. ` +
                "Nothing was changed. Remove it at Dynadot, wait for as long as its TTL, then run the command again.",
        );
    for (const server of wanted.nameServers)
        await refuseForeignHost(account, server, wanted, before);
    return { nameServers, signers, delegated };
}

async function refuseForeignHost(
    account: DynadotSession,
    { name, addresses }: NameServer,
    { domain }: DelegationInputs,
    before: DelegationState | undefined,
): Promise<void> {
    if (!isWithin(name, domain) || before?.registeredHosts.includes(name) === true) return;
    const live = await account.host(name);
    if (live !== undefined && !sameSet(live, addresses))
        throw new Refusal(
            `the host ${name} is registered at Dynadot with ${listed(live)}, not with ${listed(addresses)}, and not by this program. ` +
                "Nothing was changed. Give the name server those addresses, or delete the host at Dynadot.",
        );
}

async function write(
    account: DynadotSession,
    wanted: DelegationInputs,
    before: DelegationState | undefined,
    claim: string,
): Promise<DelegationOutputs> {
    const { domain } = wanted;
    const found = await survey(account, wanted, before);
    const outputs = {
        domain,
        previousNameServers: before?.previousNameServers ?? [...found.nameServers],
        registeredHosts: [...(before?.registeredHosts ?? [])],
        claim,
    };
    try {
        for (const server of wanted.nameServers)
            if (await makeKnown(account, server, wanted)) outputs.registeredHosts.push(server.name);
        if (!found.delegated)
            await account.setNameServers(
                domain,
                wanted.nameServers.map(({ name }) => name),
            );
        await sign(account, domain, wanted.ds);
        const unused = outputs.registeredHosts.filter((host) => !namesOf(wanted).includes(host));
        for (const host of unused) await account.deleteHost(host);
        outputs.registeredHosts = outputs.registeredHosts.filter((host) => !unused.includes(host));
        return outputs;
    } catch (error) {
        throw new PartialFailure(
            domain,
            { ...outputs },
            `the delegation of ${domain} at Dynadot is not complete: ${describe(error)}`,
            { cause: error instanceof Error ? error.cause : undefined },
        );
    }
}

/** Resolves to whether the host is new. */
async function makeKnown(
    account: DynadotSession,
    { name, addresses }: NameServer,
    { domain }: DelegationInputs,
): Promise<boolean> {
    const live = await account.host(name);
    if (isWithin(name, domain)) {
        if (live === undefined) await account.registerHost(name, addresses);
        else await account.setHostAddresses(name, addresses);
    } else if (live === undefined) await account.addExternalHost(name);
    return live === undefined;
}

/** Adds what is missing before it takes away what is too much; Dynadot can only take away all at once. */
async function sign(
    account: DynadotSession,
    domain: string,
    wanted: readonly string[],
): Promise<void> {
    for (const ds of wanted) await account.addSigner(domain, ds);
    const live = await account.signers(domain);
    if (live.every((ds) => wanted.includes(ds))) return;
    await account.clearSigners(domain);
    for (const ds of wanted) await account.addSigner(domain, ds);
}

async function takeBack(
    account: DynadotSession,
    state: DelegationState,
    context: CallContext,
): Promise<void> {
    const { domain } = state;
    const live = await account.nameServers(domain);
    if (!sameSet(live, namesOf(state)) && live.length > 0) {
        context.log.warning(
            `the name servers of ${domain} at Dynadot are ${listed(live)} now, which are not this program's, so they are left as they are`,
        );
        return;
    }
    const signers = await account.signers(domain);
    if (signers.length > 0)
        await sign(
            account,
            domain,
            signers.filter((ds) => !state.ds.includes(ds)),
        );
    if (live.length > 0) await restore(account, state, context);
    for (const host of state.registeredHosts) await removeHost(account, host, context);
}

async function restore(
    account: DynadotSession,
    { domain, previousNameServers, nameServers }: DelegationState,
    context: CallContext,
): Promise<void> {
    if (previousNameServers.length === 0) await account.clearNameServers(domain);
    else if (
        sameSet(
            previousNameServers,
            nameServers.map(({ name }) => name),
        )
    )
        context.log.warning(
            `the name servers of ${domain} were the same before this program, so they are left as they are`,
        );
    else await account.setNameServers(domain, previousNameServers);
}

async function removeHost(
    account: DynadotSession,
    host: string,
    context: CallContext,
): Promise<void> {
    try {
        await account.deleteHost(host);
    } catch (error) {
        if (!(error instanceof DynadotRefused && error.status === 409)) throw error;
        context.log.warning(`the host ${host} stays at Dynadot: ${error.message}`);
    }
}

async function addressesAt(
    account: DynadotSession,
    name: string,
    domain: string,
    before: DelegationState | undefined,
): Promise<string[]> {
    const known = before?.nameServers.find((server) => server.name === name)?.addresses ?? [];
    if (!isWithin(name, domain)) return known;
    const live = (await account.host(name)) ?? [];
    return sameSet(live, known) ? known : live;
}

function namesOf({ nameServers }: { readonly nameServers: readonly NameServer[] }): string[] {
    return nameServers.map(({ name }) => name);
}

function listed(entries: readonly string[]): string {
    return entries.length === 0 ? "none" : entries.join(", ");
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
    return a.length === b.length && a.every((entry) => b.includes(entry));
}
