import { PowerDnsError } from "./powerdns/transport.ts";
import type { PowerDnsChange } from "./powerdns/types.ts";

/**
 * Writes all jobs' changes in one PATCH. Where the server refuses it, since one bad record spoils the whole, the job that the
 * reason names is written apart, so that only it fails; where the reason names none, halves are, and halves of halves. Jobs that
 * touch the same name stay together, for a CNAME and other types may be changing places. Resolves to the failures by the index of
 * the job. Throws what may pass when tried again.
 */
export async function patchInGroups(
    jobs: readonly (readonly PowerDnsChange[])[],
    patch: (changes: readonly PowerDnsChange[]) => Promise<void>,
): Promise<Map<number, PowerDnsError>> {
    const failures = new Map<number, PowerDnsError>();
    const write = async (groups: readonly (readonly number[])[]): Promise<void> => {
        if (groups.length === 0) return;
        const changes = groups.flat().flatMap((i) => jobs[i] ?? []);
        const refusal = await refusalOf(() => patch(inOrder(changes)));
        if (refusal === undefined) return;
        if (groups.length === 1) {
            for (const i of groups.flat()) failures.set(i, refusal);
            return;
        }
        for (const part of partsOf(groups, jobs, refusal)) await write(part);
    };
    await write(groupsByName(jobs));
    return failures;
}

/** The groups without the one that is to blame, then that one; two halves where nobody knows. */
function partsOf(
    groups: readonly (readonly number[])[],
    jobs: readonly (readonly PowerDnsChange[])[],
    refusal: PowerDnsError,
): (readonly (readonly number[])[])[] {
    const blamed = groups.filter((group) =>
        group.some((i) => (jobs[i] ?? []).some((change) => names(refusal.reason, change))),
    );
    if (blamed.length > 0 && blamed.length < groups.length)
        return [groups.filter((group) => !blamed.includes(group)), blamed];
    const middle = groups.length >> 1;
    return [groups.slice(0, middle), groups.slice(middle)];
}

/** Whether a reason speaks of the record set: `RRset www.x. IN A: …` or `Record www.x./A '…': …`. */
function names(reason: string, { name, type }: PowerDnsChange): boolean {
    const words = reason.split(/[\s:'"]+/);
    return (
        words.includes(`${name}/${type}`) ||
        words.some((word, i) => word === name && words[i + 1] === "IN" && words[i + 2] === type)
    );
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
