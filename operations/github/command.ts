import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { z } from "zod";
import { GitHub } from "./client.ts";
import { ACTIONS_BOT, upsertComment } from "./comment.ts";
import { upsertDriftIssue } from "./driftIssue.ts";

/** What is read of report.json. */
const reportSchema = z.object({
    stacks: z.tuple([z.object({ stack: z.string(), drift: z.array(z.unknown()).nullable() })]),
});

/** Variables that GitHub gives to every job; the token a workflow has to hand over. */
const environmentSchema = z.object({
    GITHUB_API_URL: z.url().optional(),
    GITHUB_REPOSITORY: z.string().regex(/^[^/]+\/[^/]+$/),
    GITHUB_TOKEN: z.string().min(1),
});

function github(): GitHub {
    const environment = environmentSchema.safeParse(process.env);
    if (!environment.success)
        throw new Error(
            `the environment is not that of a job at GitHub: ${environment.error.issues.map(({ path }) => path.join(".")).join(", ")} missing or wrong; GITHUB_TOKEN has to be handed over by the workflow (env: GITHUB_TOKEN: \${{ github.token }})`,
        );
    const { GITHUB_API_URL: url, GITHUB_REPOSITORY, GITHUB_TOKEN } = environment.data;
    return new GitHub({
        repository: GITHUB_REPOSITORY,
        token: GITHUB_TOKEN,
        ...(url === undefined ? {} : { url }),
    });
}

function wholeNumber(text: string): number {
    if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("expected a number.");
    return Number(text);
}

interface Flags {
    readonly directory: string;
    readonly author: string;
}

interface CommentFlags extends Flags {
    readonly pullRequest: number;
}

/**
 * `npm run github`: puts what `npm run report -- --directory` wrote on GitHub, from a job of a workflow.
 *
 * @returns 0, or 2 where GitHub, the environment or the report does not allow it
 */
export async function toGitHub(rest: readonly string[]): Promise<number> {
    try {
        await githubCommand().parseAsync(rest, { from: "user" });
        return 0;
    } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
        process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
        return 2;
    }
}

function githubCommand(): Command {
    const program = new Command("github")
        .description("put a report on GitHub, from a job of a workflow")
        .exitOverride();
    const named = (name: string, description: string) =>
        program
            .command(name)
            .description(description)
            .requiredOption("--directory <path>", "what `npm run report -- --directory` wrote")
            .option("--author <login>", "as whom it is written", ACTIONS_BOT)
            .exitOverride();
    named("comment", "one comment on a pull request for each stack, edited in place")
        .requiredOption("--pull-request <number>", "its number", wholeNumber)
        .action(comment);
    named("drift-issue", "an open issue for a stack while it has drifted").action(driftIssue);
    return program;
}

async function comment({ pullRequest, directory, author }: CommentFlags): Promise<void> {
    const body = await readFile(join(directory, "report.md"), "utf8");
    const done = await upsertComment(github(), { number: pullRequest, body, author });
    process.stdout.write(`comment ${done}\n`);
}

async function driftIssue({ directory, author }: Flags): Promise<void> {
    const body = await readFile(join(directory, "report.md"), "utf8");
    const text = await readFile(join(directory, "report.json"), "utf8");
    const [{ stack, drift }] = reportSchema.parse(JSON.parse(text)).stacks;
    if (drift === null)
        throw new Error(`nobody looked whether ${stack} has drifted; the refresh said why`);
    const done = await upsertDriftIssue(github(), { stack, drifted: drift.length, body, author });
    process.stdout.write(`issue: ${done}\n`);
}
