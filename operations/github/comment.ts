import { z } from "zod";
import type { GitHub } from "./client.ts";

const comment = z.object({
    id: z.number(),
    body: z.string().nullish(),
    user: z.object({ login: z.string() }).nullish(),
});

export interface CommentArgs {
    /** Number of the pull request. */
    readonly number: number;
    /** The report; its first line is the mark by which its comment is found again. */
    readonly body: string;
    /** As whom comments are written; those of others are never touched, whatever mark they carry. @default `github-actions[bot]` */
    readonly author?: string;
}

/** The first line of a report. */
const MARK = /^<!-- sovereign-report: [\w.,-]+ -->$/;

/** Account of the token that a job is given. */
export const ACTIONS_BOT = "github-actions[bot]";

/**
 * Brings the comment of a report up to date: one comment for each stack, edited in place, made where there is none. Comments that
 * two runs at once made are brought down to one.
 *
 * @throws RangeError where the report does not begin with its mark
 * @throws GitHubError
 */
export async function upsertComment(
    github: GitHub,
    { number, body, author = ACTIONS_BOT }: CommentArgs,
): Promise<"created" | "updated" | "unchanged"> {
    const mark = markOf(body);
    const ours = (await github.list(`/issues/${number}/comments`, comment)).filter(
        ({ body: text, user }) => user?.login === author && firstLine(text ?? "") === mark,
    );
    const [first, ...more] = ours.sort((a, b) => a.id - b.id);
    if (first === undefined) {
        await github.create(`/issues/${number}/comments`, { body }, comment);
        return "created";
    }
    for (const { id } of more) await github.delete(`/issues/comments/${id}`);
    if (sameText(first.body ?? "", body)) return "unchanged";
    await github.change(`/issues/comments/${first.id}`, { body });
    return "updated";
}

/** The mark of a report. */
export function markOf(body: string): string {
    const mark = firstLine(body);
    if (!MARK.test(mark))
        throw new RangeError(
            "the report does not begin with its mark: expected the Markdown that `npm run report` writes",
        );
    return mark;
}

function firstLine(text: string): string {
    return text.split(/\r?\n/, 1)[0] ?? "";
}

/** GitHub keeps line breaks in its own way and drops empty lines at the end. */
function sameText(one: string, other: string): boolean {
    const plain = (text: string) => text.replaceAll("\r\n", "\n").trimEnd();
    return plain(one) === plain(other);
}
