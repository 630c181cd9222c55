import { markedComments, type OwnerMark } from "./ownership.ts";
import type { PowerDnsChange } from "./powerdns/types.ts";
import { programForm, sameRecordSet, type DesiredRecordSet } from "./recordSets.ts";
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
}

/** What creating a record set takes: nothing where it is there already and ours, or equal and may be adopted. */
export function decideCreate(
    zone: ZoneSnapshot,
    desired: DesiredRecordSet,
    mark: OwnerMark,
    { adopt, attempted, glue = false }: CreateOptions,
): PowerDnsChange[] {
    if (!glue) refuseHidden(zone, desired);
    const live = zone.find(desired.name, desired.type);
    if (live === undefined) return [replacement(zone, desired, mark, live)];
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

function refuseHidden(zone: ZoneSnapshot, desired: DesiredRecordSet): void {
    const cut = zone.cutAbove(desired.name);
    if (cut !== undefined)
        throw new Refusal(
            `${desired.name} ${desired.type} would be invisible: ${zone.name} delegates ${cut.name} to ${cut.contents.join(", ")}. ` +
                `Write it in the zone ${cut.name} instead.`,
        );
}

function title({ name, type }: LiveRecordSet): string {
    return `the record set ${name} ${type}`;
}

/** A live record set in words. */
export function showLive({ type, ttl, contents }: LiveRecordSet): string {
    return `${contents.map((content) => `"${programForm(type, content)}"`).join(", ")} (TTL ${ttl})`;
}

function foreign(zone: ZoneSnapshot, live: LiveRecordSet, equal: boolean): string {
    const id = `${zone.name}/${live.name}/${live.type}`;
    const holder =
        live.mark !== undefined
            ? `It carries the mark of ${live.mark.owner}: remove it there first.`
            : zone.ownedByExternalDns(live.name, live.type)
              ? "external-dns keeps it: remove the name from its Service, Ingress or HTTPRoute first."
              : `If it may be taken over, import it: pulumi import sovereign:dns:RecordSet <name> ${id}` +
                (equal
                    ? ", or set `adopt: true` on the resource, since it is equal already."
                    : ".");
    return `${title(live)} exists already and is not ours: ${showLive(live)}. Nothing was changed. ${holder}`;
}

function drifted(live: LiveRecordSet): string {
    return (
        `${title(live)} was changed by somebody else: it now is ${showLive(live)}. Nothing was changed. ` +
        "Run `pulumi refresh` to take that into the state, look at the preview, then run the command again."
    );
}
