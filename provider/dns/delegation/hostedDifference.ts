import type { HostedDns, HostedRecord } from "../dynadot/messages.ts";
import { markedByOthers } from "./hostedMark.ts";
import { showHosted, without } from "./hostedRecords.ts";

/**
 * What differs between two readings of a domain in more than the writer's own records, in words; nothing where all is as it
 * was meant. Records are compared field by field, as they were read.
 *
 * @param ours - everything that the writer wrote or removed, now or earlier
 * @param owner - who wrote. Records that carry another owner's mark are that owner's to change at any time
 */
export function unintended(
    before: HostedDns,
    after: HostedDns,
    ours: readonly HostedRecord[],
    owner: string,
): string[] {
    const [wasTheirs, isTheirs] = [markedByOthers(before, owner), markedByOthers(after, owner)];
    const theirs = ({ sub_host = "" }: HostedRecord) => wasTheirs(sub_host) || isTheirs(sub_host);
    const foreign = (dns: HostedDns) => [
        ...dns.main,
        ...without(dns.sub, ours).filter((record) => !theirs(record)),
    ];
    const lost = missing(foreign(before), foreign(after));
    const gained = missing(foreign(after), foreign(before));
    return [
        ...lost.map((record) => `${showHosted(record)} is gone`),
        ...gained.map((record) => `${showHosted(record)} was added`),
        ...(before.mode === after.mode ? [] : [`it says ${after.mode} instead of ${before.mode}`]),
        ...(before.ttl === after.ttl
            ? []
            : [`its TTL is ${after.ttl ?? "none"} instead of ${before.ttl ?? "none"}`]),
    ];
}

/** What `from` has more often than `other`. */
function missing(from: readonly HostedRecord[], other: readonly HostedRecord[]): HostedRecord[] {
    const left = other.map(exactly);
    return from.filter((record) => {
        const at = left.indexOf(exactly(record));
        if (at < 0) return true;
        left.splice(at, 1);
        return false;
    });
}

function exactly({ sub_host, record_type, record_value1, record_value2 }: HostedRecord): string {
    return JSON.stringify([sub_host, record_type, record_value1, record_value2]);
}
