import { Disagreement } from "../dns.ts";
import type { Examination } from "../examination.ts";
import { published } from "../subject.ts";

/** Contents as DNS shows them: names in lower case without trailing dot, hex in lower case. */
export function shown(type: string, content: string): string {
    if (type === "MX") return content.toLowerCase().replace(/([^ ])\.$/, "$1");
    return type === "TLSA" || type === "CNAME" ? content.toLowerCase() : content;
}

function list(contents: readonly string[]): string {
    return contents.length === 0 ? "nothing" : contents.map((text) => `"${text}"`).join(", ");
}

/**
 * What is wrong with a record set at the authoritative servers, against what the stack publishes; and what they say.
 *
 * @returns `problems` also where the servers do not agree
 */
export async function compareSet(
    { dns, subject }: Examination,
    name: string,
    type: string,
): Promise<{ readonly contents: readonly string[]; readonly problems: readonly string[] }> {
    try {
        const records = await dns.authoritative(name, type);
        const contents = records.map(({ text }) => text);
        const expected = (published(subject, name, type) ?? []).map((text) => shown(type, text));
        const same = [...contents].sort().join("\n") === [...expected].sort().join("\n");
        return {
            contents,
            problems: same
                ? []
                : [`${name} ${type} is ${list(contents)}, the stack publishes ${list(expected)}`],
        };
    } catch (error) {
        if (!(error instanceof Disagreement)) throw error;
        return { contents: [], problems: [error.message] };
    }
}
