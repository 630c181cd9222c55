import { isAbsent, lower } from "../dns.ts";
import type { Examination } from "../examination.ts";

function isLame(error: unknown): boolean {
    return error instanceof Error && "code" in error && error.code === "ESERVFAIL";
}

/** What is wrong with the way to the zones beside the Sovereign's own: their owners delegate them, and the resolver sees it or not. */
export async function delegationProblems({ dns, subject }: Examination): Promise<string[]> {
    const expected = subject.dns.nameServers.map(lower).sort().join(", ");
    const problems: string[] = [];
    for (const zone of (subject.dns.furtherZones ?? []).map((further) => lower(further.zone))) {
        const found = await dns.resolve(zone, "NS").catch((error: unknown) => {
            if (isAbsent(error) || isLame(error)) return [];
            throw error;
        });
        const servers = found.flat().map(lower).sort().join(", ");
        if (servers === "")
            problems.push(`resolvers do not find ${zone}: delegate it to ${expected}`);
        else if (servers !== expected)
            problems.push(`${zone} is delegated to ${servers}, not to ${expected}`);
    }
    return problems;
}
