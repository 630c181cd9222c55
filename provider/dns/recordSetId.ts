import { canonicalName, InvalidDnsData, isWithin } from "./names.ts";
import { canonicalType } from "./recordSets.ts";

/** Where a record set is. */
export interface RecordSetAddress {
    readonly zone: string;
    readonly name: string;
    readonly type: string;
}

/** `<zone>/<name>/<type>`, with trailing dots. */
export function formatRecordSetId({ zone, name, type }: RecordSetAddress): string {
    return `${zone}/${name}/${type}`;
}

/** Takes the id apart, as a person types it at an import. Throws with the expected form. */
export function parseRecordSetId(id: string): RecordSetAddress {
    const expected =
        "expected <zone>/<name>/<type>, for example omantel.example./mail.omantel.example./A";
    const match = /^([^/]+)\/(.+)\/([^/]+)$/.exec(id);
    if (match === null) throw new InvalidDnsData(`"${id}" is no id of a record set; ${expected}`);
    const [, zone = "", name = "", type = ""] = match;
    const address = {
        zone: canonicalName(zone),
        name: canonicalName(name),
        type: canonicalType(type),
    };
    if (!isWithin(address.name, address.zone))
        throw new InvalidDnsData(
            `"${id}" names ${address.name}, which does not lie in ${address.zone}; ${expected}`,
        );
    return address;
}
