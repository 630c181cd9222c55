import { createHash } from "node:crypto";
import { formatMark, parseMark, type OwnerMark } from "../ownership.ts";
import type { HostedDns, HostedRecord } from "../dynadot/messages.ts";

/** First characters of the name that carries a mark. */
const PREFIX = "_owner-";

/** Longest label (RFC 1035 2.3.4). */
const MAX_LABEL = 63;

/** A mark and the record that carries it. */
export interface HostedMark extends OwnerMark {
    readonly record: HostedRecord;
}

/**
 * Name of the TXT record that says whose the delegation of `sub` is, both relative to the parent domain. Dynadot's DNS has no
 * place for a mark that is not a record; it stands beside the delegated name and not below it, where it would be out of sight.
 */
export function markName(sub: string): string {
    const [label = "", ...rest] = sub.split(".");
    const whole = PREFIX + label;
    const short =
        whole.length <= MAX_LABEL
            ? whole
            : PREFIX + createHash("sha256").update(label).digest("hex").slice(0, 32);
    return [short, ...rest].join(".");
}

/** The record that marks the delegation of `sub`. */
export function markRecord(sub: string, mark: OwnerMark): HostedRecord {
    return { sub_host: markName(sub), record_type: "txt", record_value1: formatMark(mark) };
}

/** Every mark of the delegation of `sub`; more than one only while a mark is renewed. */
export function marksOf(live: HostedDns, sub: string): HostedMark[] {
    const name = markName(sub);
    return live.sub
        .filter(
            (record) =>
                record.sub_host?.toLowerCase() === name &&
                record.record_type.toLowerCase() === "txt",
        )
        .flatMap((record) => {
            // Whether values keep quotation marks is not documented.
            const mark = parseMark(record.record_value1.replace(/^"(.*)"$/, "$1"));
            return mark === undefined ? [] : [{ ...mark, record }];
        });
}

/** Names that carry a mark of somebody else than `owner`, with the names that they mark. */
export function markedByOthers(live: HostedDns, owner: string): (sub: string) => boolean {
    return (sub) => {
        const labels = sub.toLowerCase().split(".");
        return labels.some((_, i) => {
            const name = labels.slice(i).join(".");
            const marks = [...marksOf(live, name), ...marksAt(live, name)];
            return marks.some((mark) => mark.owner !== owner);
        });
    };
}

/** Marks that stand at the name itself. */
function marksAt(live: HostedDns, name: string): OwnerMark[] {
    if (!name.startsWith(PREFIX)) return [];
    return live.sub
        .filter(({ sub_host }) => sub_host?.toLowerCase() === name)
        .flatMap(({ record_value1 }) => parseMark(record_value1.replace(/^"(.*)"$/, "$1")) ?? []);
}
