import { decodeText } from "./characterStrings.ts";
import { namesBetween } from "./names.ts";
import { markOf, type OwnerMark } from "./ownership.ts";
import type { PowerDnsComment, PowerDnsZone } from "./powerdns/types.ts";

/** A record set as it is live. */
export interface LiveRecordSet {
    readonly name: string;
    readonly type: string;
    readonly ttl: number;
    readonly contents: readonly string[];
    readonly comments: readonly PowerDnsComment[];
    readonly mark: OwnerMark | undefined;
}

/** A zone at one moment. */
export class ZoneSnapshot {
    readonly name: string;
    readonly zone: PowerDnsZone;
    readonly recordSets: readonly LiveRecordSet[];
    /** Whether the server's backend keeps comments, and so our marks. */
    readonly keepsMarks: boolean;

    constructor(zone: PowerDnsZone, keepsMarks = true) {
        this.keepsMarks = keepsMarks;
        this.name = zone.name;
        this.zone = zone;
        this.recordSets = zone.rrsets.map((set) => ({
            name: set.name.toLowerCase(),
            type: set.type,
            ttl: set.ttl,
            contents: set.records
                .filter(({ disabled }) => disabled !== true)
                .map(({ content }) => content),
            comments: set.comments ?? [],
            mark: markOf(set),
        }));
    }

    find(name: string, type: string): LiveRecordSet | undefined {
        return this.recordSets.find((set) => set.name === name && set.type === type);
    }

    /** Record sets of the name, of every type. */
    at(name: string): readonly LiveRecordSet[] {
        return this.recordSets.filter((set) => set.name === name);
    }

    /** The delegation that hides `name`: a NS record set between it and the zone's apex. */
    cutAbove(name: string): LiveRecordSet | undefined {
        if (name === this.name) return undefined;
        return namesBetween(name, this.name)
            .map((ancestor) => this.find(ancestor, "NS"))
            .find((set) => set !== undefined);
    }

    /** Whether external-dns keeps a TXT record that claims the name (`heritage=external-dns`). */
    ownedByExternalDns(name: string, type: string): boolean {
        return this.recordSets.some(
            (set) =>
                isExternalDnsClaim(set) &&
                [name, `${type.toLowerCase()}-${name}`].includes(
                    set.name.replace(/^_externaldns\./, ""),
                ),
        );
    }
}

/** Whether the record set is one of external-dns' TXT records, by which it remembers what it owns. */
export function isExternalDnsClaim({ type, contents }: LiveRecordSet): boolean {
    return (
        type === "TXT" &&
        contents.some((content) => decodeText(content).includes("heritage=external-dns"))
    );
}
