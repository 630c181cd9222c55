import { excluding, occlusion } from "./coexistence.ts";
import { markedComments, type OwnerMark } from "./ownership.ts";
import type { PowerDnsChange } from "./powerdns/types.ts";
import {
    programForm,
    sameRecordSet,
    type DesiredRecordSet,
    type RecordSetKey,
} from "./recordSets.ts";
import type { LiveRecordSet, ZoneSnapshot } from "./zoneSnapshot.ts";

/** Something exists that is not ours, or is no longer as we left it. Nothing was changed. */
export class Refusal extends Error {
    constructor(message: string) {
        super(message);
        this.name = "Refusal";
    }
}

/** TTL and contents as the state has them. */
export interface KnownRecordSet {
    readonly ttl: number;
    readonly contents: readonly string[];
}

export interface CreateOptions {
    /** Takes over an equal record set without a mark. */
    readonly adopt: boolean;
    /** A write of the very same may have reached the server already. */
    readonly attempted: boolean;
    /** An address that the parent holds below its own delegation. @default false */
    readonly glue?: boolean;
    /**
     * The record set that this one takes the place of, where the program changed the type: it counts as ours, also where the
     * backend keeps no marks.
     */
    readonly replaces?: KnownRecordSet & RecordSetKey;
}

/**
 * What creating a record set takes: nothing where it is there already and ours, or equal and may be adopted. Types that cannot
 * stand beside it and are ours make way in the same transaction (a CNAME that becomes an address, and the reverse), so that
 * the name never goes unanswered.
 */
export function decideCreate(
    zone: ZoneSnapshot,
    desired: DesiredRecordSet,
    mark: OwnerMark,
    { adopt, attempted, glue = false, replaces }: CreateOptions,
): PowerDnsChange[] {
    if (!glue) refuseHidden(zone, desired);
    const live = zone.find(desired.name, desired.type);
    if (live === undefined)
        return [
            ...makingWay(zone, desired, mark, replaces),
            replacement(zone, desired, mark, live),
        ];
    if (live.mark?.owner === mark.owner) return converge(zone, live, desired, mark);
    const equal = sameRecordSet(desired.type, live, desired);
    if (live.mark === undefined && equal && (adopt || attempted))
        return converge(zone, live, desired, mark);
    throw new Refusal(foreign(zone, live, equal));
}

/** What an update takes. Refuses where the record set is neither as it was left nor as it is wanted. */
export function decideUpdate(
    zone: ZoneSnapshot,
    desired: DesiredRecordSet,
    before: KnownRecordSet,
    mark: OwnerMark,
): PowerDnsChange[] {
    const live = zone.find(desired.name, desired.type);
    if (live === undefined) {
        refuseHidden(zone, desired);
        return [replacement(zone, desired, mark, live)];
    }
    if (live.mark !== undefined && live.mark.owner !== mark.owner)
        throw new Refusal(foreign(zone, live, false));
    if (live.mark !== undefined && live.mark.claim !== mark.claim)
        throw new Refusal(
            `${title(live)} is kept by another resource of this program now. Declare it once; a renamed resource needs \`aliases\`.`,
        );
    if (sameRecordSet(desired.type, live, desired) || sameRecordSet(desired.type, live, before))
        return converge(zone, live, desired, mark);
    throw new Refusal(drifted(live));
}

/** What a deletion takes, or why the record set is left alone. */
export function decideDelete(
    zone: ZoneSnapshot,
    key: { readonly name: string; readonly type: string },
    before: KnownRecordSet,
    mark: OwnerMark,
): { readonly changes: PowerDnsChange[]; readonly left?: string } {
    const live = zone.find(key.name, key.type);
    if (live === undefined) return { changes: [] };
    if (live.mark !== undefined && live.mark.owner !== mark.owner)
        return {
            changes: [],
            left: `${title(live)} belongs to ${live.mark.owner} now, so it is left as it is`,
        };
    if (live.mark !== undefined && live.mark.claim !== mark.claim)
        return {
            changes: [],
            left: `${title(live)} is kept by another resource of this program now, so it is left as it is`,
        };
    if (!sameRecordSet(key.type, live, before)) throw new Refusal(drifted(live));
    return { changes: [{ ...key, changetype: "DELETE" }] };
}

function converge(
    zone: ZoneSnapshot,
    live: LiveRecordSet,
    desired: DesiredRecordSet,
    mark: OwnerMark,
): PowerDnsChange[] {
    const marked =
        !zone.keepsMarks || (live.mark?.owner === mark.owner && live.mark.claim === mark.claim);
    if (!sameRecordSet(desired.type, live, desired))
        return [replacement(zone, desired, mark, live)];
    if (marked) return [];
    // Comments alone: the records, and with them their notation, stay untouched.
    return [
        {
            name: live.name,
            type: live.type,
            changetype: "REPLACE",
            comments: markedComments(live.comments, mark),
        },
    ];
}

function replacement(
    zone: ZoneSnapshot,
    desired: DesiredRecordSet,
    mark: OwnerMark,
    live: LiveRecordSet | undefined,
): PowerDnsChange {
    return {
        name: desired.name,
        type: desired.type,
        changetype: "REPLACE",
        ttl: desired.ttl,
        records: desired.contents.map((content) => ({ content, disabled: false })),
        ...(zone.keepsMarks ? { comments: markedComments(live?.comments, mark) } : {}),
    };
}

function makingWay(
    zone: ZoneSnapshot,
    desired: DesiredRecordSet,
    mark: OwnerMark,
    replaces: CreateOptions["replaces"],
): PowerDnsChange[] {
    return excluding(zone, desired).map((live) => {
        const former =
            live.mark === undefined &&
            replaces?.name === live.name &&
            replaces.type === live.type &&
            sameRecordSet(live.type, live, replaces);
        if (live.mark?.owner !== mark.owner && !former)
            throw new Refusal(
                `${desired.name} ${desired.type} cannot stand beside ${title(live)}, which is not ours: ${showLive(live)} ` +
                    `(a CNAME stands alone, RFC 2181, 10.1). Nothing was changed. ${holder(zone, live, false)}`,
            );
        return { name: live.name, type: live.type, changetype: "DELETE" };
    });
}

function refuseHidden(zone: ZoneSnapshot, desired: DesiredRecordSet): void {
    const hidden = occlusion(zone, desired.name);
    if (hidden !== undefined)
        throw new Refusal(`${desired.name} ${desired.type} would be invisible: ${hidden}`);
}

function title({ name, type }: LiveRecordSet): string {
    return `the record set ${name} ${type}`;
}

/** A live record set in words. */
export function showLive({ type, ttl, contents }: LiveRecordSet): string {
    return `${contents.map((content) => `"${programForm(type, content)}"`).join(", ")} (TTL ${ttl})`;
}

function foreign(zone: ZoneSnapshot, live: LiveRecordSet, equal: boolean): string {
    return `${title(live)} exists already and is not ours: ${showLive(live)}. Nothing was changed. ${holder(zone, live, equal)}`;
}

/** Whose it is, and what to do about it. */
function holder(zone: ZoneSnapshot, live: LiveRecordSet, equal: boolean): string {
    if (live.mark !== undefined)
        return `It carries the mark of ${live.mark.owner}: remove it there first.`;
    if (zone.ownedByExternalDns(live.name, live.type))
        return "external-dns keeps it: remove the name from its Service, Ingress or HTTPRoute first.";
    const id = `${zone.name}/${live.name}/${live.type}`;
    return (
        `If it may be taken over, import it: pulumi import sovereign:dns:RecordSet <name> ${id}` +
        (equal ? ", or set `adopt: true` on the resource, since it is equal already." : ".")
    );
}

function drifted(live: LiveRecordSet): string {
    return (
        `${title(live)} was changed by somebody else: it now is ${showLive(live)}. Nothing was changed. ` +
        "Run `pulumi refresh` to take that into the state, look at the preview, then run the command again."
    );
}
