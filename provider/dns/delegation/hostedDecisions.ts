import type { HostedDns, HostedRecord } from "../dynadot/messages.ts";
import type { OwnerMark } from "../ownership.ts";
import { Refusal } from "../recordSetDecisions.ts";
import { marksOf, markRecord, type HostedMark } from "./hostedMark.ts";
import {
    absent,
    below,
    delegatedServers,
    delegationRecords,
    MOST_MAIN_RECORDS,
    MOST_SUB_RECORDS,
    present,
    showHosted,
    without,
} from "./hostedRecords.ts";
import type { DelegationInputs, DelegationState } from "./types.ts";

/** Types that Dynadot's documentation names, its own pseudo-types among them. */
const KNOWN_TYPES: ReadonlySet<string> = new Set(
    "a aaaa aname caa cname email forward mx ns srv stealth txt".split(" "),
);

type Wanted = Pick<DelegationInputs, "domain" | "nameServers"> & { readonly parent: string };
type Before = Pick<DelegationState, "nameServers">;

/** Records to append to a domain and to remove from it. Appended first, so that nothing is ever missing. */
export interface HostedPlan {
    readonly append: readonly HostedRecord[];
    readonly remove: readonly HostedRecord[];
    /** Every record of the delegation, as it was and as it is wanted. */
    readonly ours: readonly HostedRecord[];
}

/**
 * What brings a domain on Dynadot's own DNS to the wanted delegation. Throws a {@link Refusal} where a write would take the
 * domain away from other servers, be turned down, or mix with what is not ours.
 */
export function planDelegation(
    live: HostedDns,
    wanted: Wanted,
    before: Before | undefined,
    mark: OwnerMark,
): HostedPlan {
    const { domain, parent } = wanted;
    refuseService(live, parent);
    const sub = below(domain, parent);
    const marks = marksOf(live, sub);
    refuseMark(marks, wanted, before, mark);
    const records = [markRecord(sub, mark), ...delegationRecords(wanted)];
    const ours = ownRecords(live, wanted, before, marks);
    refuseForeign(live, wanted, before, ours);
    const append = absent(live, records);
    refuseCount(live, parent, append.length);
    return { append, remove: present(live, without(ours, records)), ours: [...ours, ...records] };
}

/** What takes a delegation away, whether or not a reading has it, or why it is left. */
export function planWithdrawal(
    live: HostedDns,
    state: Wanted,
    mark: OwnerMark,
): { readonly remove: readonly HostedRecord[]; readonly left?: string } {
    const marks = marksOf(live, below(state.domain, state.parent));
    const other = marks.find(({ owner }) => owner !== mark.owner);
    if (other !== undefined)
        return {
            remove: [],
            left: `the delegation of ${state.domain} belongs to ${other.owner} now, so it is left as it is`,
        };
    if (marks.length > 0 && !marks.some(({ claim }) => claim === mark.claim))
        return {
            remove: [],
            left: `the delegation of ${state.domain} is kept by another resource of this program now, so it is left as it is`,
        };
    const records = [
        markRecord(below(state.domain, state.parent), mark),
        ...delegationRecords(state),
        ...marks.map(({ record }) => record),
    ];
    // As they were read where they were, since only an exact match is removed.
    const read = present(live, records);
    return { remove: [...read, ...without(records, read)] };
}

/** What this delegation has written so far, by the state, or by the mark that a run left that did not end. */
function ownRecords(
    live: HostedDns,
    { domain, parent }: Wanted,
    before: Before | undefined,
    marks: readonly HostedMark[],
): HostedRecord[] {
    const nameServers =
        before?.nameServers ??
        (marks.length === 0 ? [] : (delegatedServers(live, { domain, parent }, []) ?? []));
    return [
        ...marks.map(({ record }) => record),
        ...delegationRecords({ domain, parent, nameServers }),
    ];
}

function refuseService({ mode, main, sub }: HostedDns, parent: string): void {
    if (mode.toUpperCase() !== "DNS")
        throw new Refusal(
            `${parent} is not on Dynadot's own DNS (it says ${mode}): a record written there would take the domain away from what answers for it now. ` +
                "Nothing was changed. Write the delegation where the zone is.",
        );
    if (main.length === 0)
        throw new Refusal(
            `${parent} has no record of its own at Dynadot, and Dynadot then refuses to append any below it. Nothing was changed. ` +
                "Give the domain itself one record, for example a TXT, in Dynadot's control panel.",
        );
    const unknown = [...main, ...sub].filter(
        ({ record_type }) => !KNOWN_TYPES.has(record_type.toLowerCase()),
    );
    if (unknown.length > 0)
        throw new Refusal(
            `${parent} has records at Dynadot of a type that this program does not know: ${unknown.map(showHosted).join("; ")}. ` +
                "Nothing was changed, since what a write does to them cannot be judged.",
        );
}

function refuseMark(
    marks: readonly HostedMark[],
    { domain }: Wanted,
    before: Before | undefined,
    mark: OwnerMark,
): void {
    const other = marks.find(({ owner }) => owner !== mark.owner);
    if (other !== undefined)
        throw new Refusal(
            `the name ${domain} is in use: its mark at Dynadot says ${other.owner}. Nothing was changed. ` +
                "Choose another name, or destroy what has this one first.",
        );
    if (before !== undefined && marks.length > 0 && !marks.some((m) => m.claim === mark.claim))
        throw new Refusal(
            `the delegation of ${domain} is kept by another resource of this program now. Declare it once; a renamed resource needs \`aliases\`.`,
        );
}

/** Records at the names that are written, and at a new delegation also those around it that one of the two would hide. */
function refuseForeign(
    live: HostedDns,
    wanted: Wanted,
    before: Before | undefined,
    ours: readonly HostedRecord[],
): void {
    const { domain, parent } = wanted;
    const sub = below(domain, parent);
    const written = new Set(delegationRecords(wanted).map(({ sub_host }) => sub_host));
    const others = without(
        live.sub,
        before === undefined ? ours : [...ours, ...delegationRecords(wanted)],
    );
    const at = ({ sub_host = "" }: HostedRecord) => sub_host.toLowerCase();
    const inTheWay = others.filter((record) => written.has(at(record)));
    if (inTheWay.length > 0)
        throw new Refusal(
            `${parent} has records at Dynadot that are not ours and in the way: ${inTheWay.map(showHosted).join("; ")}. Nothing was changed. ` +
                `Remove them in Dynadot's control panel if nobody needs them; if they are this very delegation, import it: pulumi import sovereign:dns:Delegation <name> dynadot-zone/${parent}/${domain}`,
        );
    if (before !== undefined) return;
    const hidden = others.filter((record) => at(record).endsWith(`.${sub}`));
    if (hidden.length > 0)
        throw new Refusal(
            `${parent} has records at Dynadot below ${domain} that nobody could see any more: ${hidden.map(showHosted).join("; ")}. Nothing was changed. ` +
                "Write them in the new zone and remove them at Dynadot, then run the command again.",
        );
    const cut = others.find(
        (record) => record.record_type.toLowerCase() === "ns" && sub.endsWith(`.${at(record)}`),
    );
    if (cut !== undefined)
        throw new Refusal(
            `the delegation of ${domain} would be invisible: ${parent} delegates ${at(cut)} to ${cut.record_value1}. Nothing was changed. ` +
                "Write it in that zone instead.",
        );
}

function refuseCount(live: HostedDns, parent: string, added: number): void {
    const count = live.sub.length + added;
    if (added > 0 && count > MOST_SUB_RECORDS)
        throw new Refusal(
            `${parent} would have ${count} records below it; Dynadot holds at most ${MOST_SUB_RECORDS}. Nothing was changed. ` +
                "Remove records that nobody needs, or move the domain's zone to PowerDNS.",
        );
    if (added > 0 && live.main.length > MOST_MAIN_RECORDS)
        throw new Refusal(
            `${parent} has ${live.main.length} records of its own; Dynadot holds at most ${MOST_MAIN_RECORDS} and would refuse any write. Nothing was changed.`,
        );
}
