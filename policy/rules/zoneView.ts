import { ofType } from "../engine/resource.ts";
import type { Resource } from "../engine/resource.ts";
import { isOpen, items, text, texts } from "../engine/values.ts";
import { TYPES } from "./types.ts";

/** A name as it is compared: in lower case, without the trailing dot. */
export function dnsName(name: string): string {
    return name.toLowerCase().replace(/\.$/, "");
}

/** A record set of the stack. */
export interface RecordSetView {
    readonly urn: string;
    readonly name: string;
    readonly type: string;
    readonly zone: string;
    /** Contents that are known; TXT as plain text. */
    readonly records: readonly string[];
    /** Whether some of its contents are not known yet. */
    readonly open: boolean;
}

/** Record sets with a known name and type. */
export function recordSets(resources: readonly Resource[]): RecordSetView[] {
    return ofType(resources, TYPES.recordSet).flatMap(({ urn, props }) => {
        const [name, type, zone] = [text(props.name), text(props.type), text(props.zone)];
        if (name === undefined || type === undefined || zone === undefined) return [];
        return [
            {
                urn,
                name: dnsName(name),
                type: type.toUpperCase(),
                zone: dnsName(zone),
                records: texts(props.records),
                open: isOpen(props.records) || items(props.records).some(isOpen),
            },
        ];
    });
}

/** MX that says that a name takes no mail (RFC 7505). */
const NULL_MX = /^0\s+\.$/;

/** Zones of the stack whose apex takes mail: mail domains, with the record set that says so. */
export function mailDomains(
    resources: readonly Resource[],
    sets: readonly RecordSetView[],
): readonly RecordSetView[] {
    const zones = new Set(
        ofType(resources, TYPES.zone).flatMap(({ props }) => {
            const name = text(props.name);
            return name === undefined ? [] : [dnsName(name)];
        }),
    );
    return sets.filter(
        ({ name, type, records }) =>
            type === "MX" && zones.has(name) && !records.some((record) => NULL_MX.test(record)),
    );
}

/** Texts of a name. */
export function textsOf(
    sets: readonly RecordSetView[],
    name: string,
): { readonly texts: readonly string[]; readonly open: boolean } {
    const found = sets.filter((set) => set.type === "TXT" && set.name === name);
    return {
        texts: found.flatMap(({ records }) => records),
        open: found.some(({ open }) => open),
    };
}
