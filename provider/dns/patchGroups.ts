import { PowerDnsError } from "./powerdns/transport.ts";
import type { PowerDnsChange } from "./powerdns/types.ts";

/**
 * Writes all jobs' changes in one PATCH. Where the server refuses it, since one bad record spoils the whole, the jobs are
 * written apart, so that only the bad one fails; jobs that touch the same name stay together, for a CNAME and other types
 * may be changing places. Resolves to the failures by the index of the job. Throws what may pass when tried again.
 */
export async function patchInGroups(
    jobs: readonly (readonly PowerDnsChange[])[],
    patch: (changes: readonly PowerDnsChange[]) => Promise<void>,
): Promise<Map<number, PowerDnsError>> {
    const failures = new Map<number, PowerDnsError>();
    if (jobs.length === 0) return failures;
    const refusal = await refusalOf(() => patch(inOrder(jobs.flat())));
    if (refusal === undefined) return failures;
    const groups = groupsByName(jobs);
    if (groups.length === 1) return new Map([...jobs.keys()].map((i) => [i, refusal]));
    for (const group of groups) {
        const changes = group.flatMap((i) => jobs[i] ?? []);
        const failure = await refusalOf(() => patch(inOrder(changes)));
        if (failure !== undefined) for (const i of group) failures.set(i, failure);
    }
    return failures;
}

/** Deletions first: PowerDNS applies a PATCH in order and refuses a CNAME beside what is only deleted after it. */
export function inOrder(changes: readonly PowerDnsChange[]): PowerDnsChange[] {
    const of = (changetype: PowerDnsChange["changetype"]) =>
        changes.filter((change) => change.changetype === changetype);
    return [...of("DELETE"), ...of("REPLACE")];
}

async function refusalOf(act: () => Promise<void>): Promise<PowerDnsError | undefined> {
    try {
        await act();
        return undefined;
    } catch (error) {
        if (error instanceof PowerDnsError && error.status < 500 && error.status !== 429)
            return error;
        throw error;
    }
}

/** Indexes of jobs that share a name, directly or through others. */
function groupsByName(jobs: readonly (readonly PowerDnsChange[])[]): number[][] {
    let groups: { names: Set<string>; indexes: number[] }[] = [];
    for (const [i, changes] of jobs.entries()) {
        const names = new Set(changes.map(({ name }) => name));
        const related = groups.filter((group) => [...names].some((name) => group.names.has(name)));
        const merged = {
            names: new Set([...names, ...related.flatMap((group) => [...group.names])]),
            indexes: [...related.flatMap((group) => group.indexes), i],
        };
        groups = [...groups.filter((group) => !related.includes(group)), merged];
    }
    return groups.map(({ indexes }) => indexes);
}
