import { PartialFailure } from "../../framework/resource.ts";
import { describe } from "../../framework/failures.ts";
import { dynadot } from "../connections.ts";
import type { HostedRecord } from "../dynadot/messages.ts";
import type { DynadotSession } from "../dynadot/session.ts";
import { planDelegation, planWithdrawal } from "./hostedDecisions.ts";
import { unintended } from "./hostedDifference.ts";
import { marksOf } from "./hostedMark.ts";
import { absent, below, delegatedServers, present } from "./hostedRecords.ts";
import type {
    DelegationInputs,
    DelegationOutputs,
    DelegationState,
    NameServer,
    ParentSide,
} from "./types.ts";

/**
 * The parent zone is on Dynadot's own DNS. NS, glue and a mark that says whose they are get appended and removed one by one,
 * never written with all the rest: a full write of the zone would lose what somebody else wrote in between. There is no DS
 * record there.
 */
export const hostedParent: ParentSide = {
    async foresee(wanted, before, context) {
        if (before === undefined || wanted.ds.length > 0)
            context.log.warning(
                `${wanted.domain} will not be validated: Dynadot's own DNS has no DS records, so there is no chain of trust from ${parentOf(wanted)} to it. ` +
                    "Host the parent zone at PowerDNS for an unbroken chain.",
            );
        await dynadot(context.config).turn(async (account) => {
            const live = await account.hostedDns(parentOf(wanted));
            const mark = { owner: wanted.owner, claim: before?.claim ?? "" };
            planDelegation(live, located(wanted), before, mark);
            if (before === undefined && live.ttl !== undefined && Number(live.ttl) !== wanted.ttl)
                context.log.info(
                    `resolvers keep the delegation of ${wanted.domain} for ${live.ttl} seconds and not ${wanted.ttl}: at Dynadot all records of ${parentOf(wanted)} have one TTL, which is left as it is`,
                );
        }, context.signal);
    },

    assertFree: (wanted, context) =>
        dynadot(context.config).turn(async (account) => {
            const live = await account.hostedDns(parentOf(wanted));
            const marks = marksOf(live, below(wanted.domain, parentOf(wanted)));
            const names = delegatedServers(live, wanted, [])?.map(({ name }) => name) ?? [];
            const known = marks.length === 0 && sameNames(names, wanted.nameServers);
            const mark = { owner: wanted.owner, claim: "" };
            if (!known) planDelegation(live, located(wanted), undefined, mark);
        }, context.signal),

    async apply(wanted, before, claim, context) {
        const { domain } = wanted;
        const outputs = { domain, previousNameServers: [], registeredHosts: [], claim };
        await dynadot(context.config).turn(
            (account) => converge(account, wanted, before, outputs),
            context.signal,
        );
        return outputs;
    },

    read: (at, before, context) =>
        dynadot(context.config).turn(async (account) => {
            const live = await account.hostedDns(parentOf(at));
            const nameServers = delegatedServers(live, at, before?.nameServers ?? []);
            if (nameServers === undefined) return undefined;
            const marks = marksOf(live, below(at.domain, parentOf(at)));
            const mark = marks.find(({ claim }) => claim === before?.claim) ?? marks[0];
            const { owner, claim } = mark ?? {};
            return { nameServers, ds: before?.ds ?? [], owner, claim };
        }, context.signal),

    withdraw: (state, context) =>
        dynadot(context.config).turn(async (account) => {
            const parent = parentOf(state);
            const live = await account.hostedDns(parent);
            const { remove, left } = planWithdrawal(live, located(state), state);
            if (left !== undefined) context.log.warning(left);
            if (live.mode.toUpperCase() !== "DNS" || remove.length === 0) return;
            await verified(account, { parent, owner: state.owner, ours: remove }, () =>
                account.removeRecords(
                    parent,
                    remove,
                    (now) => present(now, remove).length === 0,
                    true,
                ),
            );
        }, context.signal),
};

/** Rounds of looking and writing: one to append, one to remove, one that finds nothing left, and as many for readings that lag. */
const ROUNDS = 6;

/** Appends and removes until a reading shows the wanted delegation and nothing else of ours. */
async function converge(
    account: DynadotSession,
    wanted: DelegationInputs,
    before: DelegationState | undefined,
    outputs: DelegationOutputs,
): Promise<void> {
    const { owner } = wanted;
    const parent = parentOf(wanted);
    const mark = { owner, claim: outputs.claim };
    const look = async () =>
        planDelegation(await account.hostedDns(parent), located(wanted), before, mark);
    // Nothing is written where this refuses, and nothing needs to be kept in the state.
    let plan = await look();
    const meanwhile = { ...outputs, nameServers: eitherOf(wanted, before) };
    await completely(meanwhile, async () => {
        for (let round = 0; round < ROUNDS; round++) {
            const { append, remove, ours } = plan;
            if (append.length + remove.length === 0) return;
            await verified(account, { parent, owner, ours }, () =>
                append.length > 0
                    ? account.appendRecords(
                          parent,
                          append,
                          (live) => absent(live, append).length === 0,
                      )
                    : account.removeRecords(
                          parent,
                          remove,
                          (live) => present(live, remove).length === 0,
                      ),
            );
            plan = await look();
        }
        throw new Error(
            `the records of ${parent} at Dynadot change faster than they can be written`,
        );
    });
}

interface Write {
    readonly parent: string;
    readonly owner: string;
    readonly ours: readonly HostedRecord[];
}

/** Writes, and makes sure that nothing else has changed. What was there before is kept until that is known. */
async function verified(
    account: DynadotSession,
    { parent, owner, ours }: Write,
    write: () => Promise<void>,
): Promise<void> {
    const before = await account.hostedDns(parent);
    const snapshot = await account.keepSnapshot(parent, before);
    await write();
    const differences = unintended(before, await account.hostedDns(parent), ours, owner);
    if (differences.length > 0)
        throw new Error(
            `the records of ${parent} at Dynadot changed in more than was written; somebody else may be at work there: ${differences.join("; ")}. ` +
                `The records as they were before are in ${snapshot.file}. Put back in Dynadot's control panel what should not be gone, then run the command again.`,
        );
    await snapshot.letGo();
}

/** From the first write on, the state must know of the delegation: what was done so far is to be finished or taken away. */
async function completely(
    outputs: DelegationOutputs & Pick<DelegationState, "nameServers">,
    write: () => Promise<void>,
): Promise<void> {
    try {
        await write();
    } catch (error) {
        throw new PartialFailure(
            outputs.domain,
            { ...outputs },
            `the delegation of ${outputs.domain} at Dynadot is not complete: ${describe(error)}`,
        );
    }
}

/** While an update is not complete, the records of both delegations may be there. */
function eitherOf(
    wanted: Pick<DelegationInputs, "nameServers">,
    before: DelegationState | undefined,
): NameServer[] {
    const addresses = new Map<string, Set<string>>();
    for (const server of [...wanted.nameServers, ...(before?.nameServers ?? [])]) {
        const known = addresses.get(server.name) ?? new Set();
        addresses.set(server.name, known);
        for (const address of server.addresses) known.add(address);
    }
    return [...addresses].map(([name, known]) => ({ name, addresses: [...known] }));
}

function sameNames(names: readonly string[], servers: readonly NameServer[]): boolean {
    return names.length === servers.length && servers.every(({ name }) => names.includes(name));
}

function located<T extends Pick<DelegationInputs, "domain" | "parent">>(
    delegation: T,
): T & { readonly parent: string } {
    return { ...delegation, parent: parentOf(delegation) };
}

function parentOf({ domain, parent }: Pick<DelegationInputs, "domain" | "parent">): string {
    if (parent === undefined) throw new RangeError(`the delegation of ${domain} names no parent`);
    return parent;
}
