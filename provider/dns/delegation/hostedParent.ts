import { dynadot } from "../connections.ts";
import type { HostedDns, HostedRecord } from "../dynadot/messages.ts";
import type { DynadotSession } from "../dynadot/session.ts";
import { Refusal } from "../recordSetDecisions.ts";
import {
    absent,
    delegatedServers,
    delegationRecords,
    MOST_SUB_RECORDS,
    onlyChanged,
    present,
    showHosted,
} from "./hostedRecords.ts";
import type { DelegationInputs, DelegationState, ParentSide } from "./types.ts";

/**
 * The parent zone is on Dynadot's own DNS. NS and glue are appended and removed one by one, never written with all the rest:
 * a full write of the zone would lose what somebody else wrote in between. There is no DS record there.
 */
export const hostedParent: ParentSide = {
    async foresee(wanted, before, context) {
        if (wanted.ds.length > 0)
            context.log.warning(
                `${wanted.domain} will not be validated: Dynadot's own DNS has no DS records, so the ${wanted.ds.length} given are left out. ` +
                    "Host the parent zone at PowerDNS for an unbroken chain.",
            );
        await dynadot(context.config).turn(async (account) => {
            const live = await account.hostedDns(parentOf(wanted));
            refuse(live, wanted, before);
        }, context.signal);
    },

    async apply(wanted, before, claim, context) {
        await dynadot(context.config).turn(async (account) => {
            const live = await account.hostedDns(parentOf(wanted));
            refuse(live, wanted, before);
            const records = delegationRecords(wanted);
            const obsolete = before === undefined ? [] : delegationRecords(before);
            await append(account, wanted, live, absent(live, records));
            await remove(account, wanted, present(live, withoutAny(obsolete, records)));
        }, context.signal);
        return { domain: wanted.domain, previousNameServers: [], registeredHosts: [], claim };
    },

    read: (at, before, context) =>
        dynadot(context.config).turn(async (account) => {
            const live = await account.hostedDns(parentOf(at));
            const nameServers = delegatedServers(live, at, before?.nameServers ?? []);
            return nameServers === undefined ? undefined : { nameServers, ds: before?.ds ?? [] };
        }, context.signal),

    withdraw: (state, context) =>
        dynadot(context.config).turn(async (account) => {
            const live = await account.hostedDns(parentOf(state));
            await remove(account, state, present(live, delegationRecords(state)));
        }, context.signal),
};

/** Throws where appending would take the zone away from other servers, be refused, or mix with what is not ours. */
function refuse(
    live: HostedDns,
    wanted: DelegationInputs,
    before: DelegationState | undefined,
): void {
    const parent = parentOf(wanted);
    if (live.mode.toUpperCase() !== "DNS")
        throw new Refusal(
            `${parent} is not on Dynadot's own DNS (it says ${live.mode}): a record written there would take the domain away from what answers for it now. ` +
                "Nothing was changed. Write the delegation where the zone is.",
        );
    if (live.main.length === 0)
        throw new Refusal(
            `${parent} has no record of its own at Dynadot, and Dynadot then refuses to append any below it. Nothing was changed. ` +
                "Give the domain itself one record, for example a TXT, in Dynadot's control panel.",
        );
    const records = delegationRecords(wanted);
    const ours = before === undefined ? [] : delegationRecords(before);
    const taken = new Set(records.map(({ sub_host }) => sub_host));
    const known = present(live, [...records, ...ours]);
    const foreign = live.sub.filter(
        (record) => taken.has(record.sub_host?.toLowerCase()) && !known.includes(record),
    );
    if (foreign.length > 0)
        throw new Refusal(
            `${parent} has records at Dynadot that are not ours and in the way: ${foreign.map(showHosted).join("; ")}. Nothing was changed. ` +
                "Remove them in Dynadot's control panel if nobody needs them.",
        );
    const count = live.sub.length + absent(live, records).length;
    if (count > MOST_SUB_RECORDS)
        throw new Refusal(
            `${parent} would have ${count} records below it; Dynadot holds at most ${MOST_SUB_RECORDS}. Nothing was changed.`,
        );
}

async function append(
    account: DynadotSession,
    wanted: DelegationInputs,
    before: HostedDns,
    records: readonly HostedRecord[],
): Promise<void> {
    if (records.length === 0) return;
    const parent = parentOf(wanted);
    await account.appendRecords(parent, records, (live) => absent(live, records).length === 0);
    await verify(account, parent, before, { added: records, removed: [] });
}

async function remove(
    account: DynadotSession,
    wanted: Pick<DelegationInputs, "domain" | "parent">,
    records: readonly HostedRecord[],
): Promise<void> {
    if (records.length === 0) return;
    const parent = parentOf(wanted);
    const before = await account.hostedDns(parent);
    await account.removeRecords(parent, records, (live) => present(live, records).length === 0);
    await verify(account, parent, before, { added: [], removed: records });
}

async function verify(
    account: DynadotSession,
    parent: string,
    before: HostedDns,
    change: { readonly added: readonly HostedRecord[]; readonly removed: readonly HostedRecord[] },
): Promise<void> {
    const after = await account.hostedDns(parent);
    if (onlyChanged(before, after, change)) return;
    throw new Error(
        `the records of ${parent} at Dynadot changed in more than was written; somebody else may be at work there. ` +
            `Before, they were: ${[...before.main, ...before.sub].map(showHosted).join("; ")}. ` +
            `Now they are: ${[...after.main, ...after.sub].map(showHosted).join("; ")}.`,
    );
}

function withoutAny(
    records: readonly HostedRecord[],
    kept: readonly HostedRecord[],
): HostedRecord[] {
    const live = { mode: "DNS", main: [], sub: kept };
    return absent(live, records);
}

function parentOf({ domain, parent }: Pick<DelegationInputs, "domain" | "parent">): string {
    if (parent === undefined) throw new RangeError(`the delegation of ${domain} names no parent`);
    return parent;
}
