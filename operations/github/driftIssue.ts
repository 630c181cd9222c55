import { z } from "zod";
import type { GitHub } from "./client.ts";
import { ACTIONS_BOT, markOf } from "./comment.ts";

const issue = z.object({
    number: z.number(),
    body: z.string().nullish(),
    user: z.object({ login: z.string() }).nullish(),
    pull_request: z.unknown().optional(),
});

/** Label of every issue about drift. */
export const DRIFT_LABEL = "drift";

export interface DriftIssueArgs {
    readonly stack: string;
    /** How many resources are not as the state says. */
    readonly drifted: number;
    /** The report; its first line is the mark by which its issue is found again. */
    readonly body: string;
    /** As whom issues are written. @default `github-actions[bot]` */
    readonly author?: string;
}

/**
 * Keeps one open issue for each stack that has drifted: opened when it does, edited while it lasts, closed when it is over.
 *
 * @throws RangeError where the report does not begin with its mark
 * @throws GitHubError
 */
export async function upsertDriftIssue(
    github: GitHub,
    { stack, drifted, body, author = ACTIONS_BOT }: DriftIssueArgs,
): Promise<"opened" | "updated" | "closed" | "nothing to do"> {
    const mark = markOf(body);
    const open = await github.list(`/issues?state=open&labels=${DRIFT_LABEL}`, issue);
    const ours = open
        .filter(({ pull_request: pull }) => pull === undefined)
        .find(({ user, body: text }) => user?.login === author && text?.startsWith(mark) === true);
    const title = `${stack} has drifted: ${drifted} ${drifted === 1 ? "resource is" : "resources are"} not as the state says`;
    if (ours === undefined) {
        if (drifted === 0) return "nothing to do";
        await github.create("/issues", { title, body, labels: [DRIFT_LABEL] }, issue);
        return "opened";
    }
    if (drifted > 0) {
        await github.change(`/issues/${ours.number}`, { title, body });
        return "updated";
    }
    await github.change(`/issues/${ours.number}`, {
        body,
        state: "closed",
        state_reason: "completed",
    });
    return "closed";
}
