import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { z } from "zod";
import { readPrices } from "../cost/prices.ts";
import { UnreadableEvents } from "./engineEvents.ts";
import { PreviewImpossible, previewStack } from "./previewStack.ts";
import type { PreviewOptions } from "./previewStack.ts";
import { FORMATS, readReport, render } from "./report.ts";
import type { EventLog, Format, Report, ReportSources } from "./report.ts";

/** A preview that was run for the report. */
export interface PreviewRun extends ReportSources {
    /** Exit code of the preview: a report is made of a failed one too. */
    readonly exitCode: number;
}

/** Runs a preview where neither logs nor a stack are named. */
export type DefaultPreview = (options: PreviewOptions) => Promise<PreviewRun>;

interface Flags {
    readonly events: readonly string[];
    readonly drift: readonly string[];
    readonly stack?: string;
    readonly policies: boolean;
    readonly refresh: boolean;
    readonly format?: Format;
    readonly directory?: string;
    readonly prices?: string;
}

/**
 * `npm run report`: turns a preview into the reviewer's report. Of logs (`--events`), of a stack of this machine's backend (`--stack`), or
 * of the lab's stack. On GitHub the Markdown goes to the job's summary too.
 *
 * @returns exit code of the preview, 0 with logs; 2 where an argument or a log cannot be used
 */
export async function report(rest: readonly string[], preview: DefaultPreview): Promise<number> {
    const command = reportCommand();
    try {
        command.parse(rest, { from: "user" });
        const flags = command.opts<Flags>();
        const run = await sources(flags, command.args, preview);
        const made = readReport(run, readPrices(flags.prices));
        await publish(made, flags);
        return run.exitCode;
    } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
        if (!isExpected(error)) throw error;
        process.stderr.write(`error: ${error.message}\n`);
        return 2;
    }
}

async function sources(
    { events, drift, stack, policies, refresh }: Flags,
    rest: readonly string[],
    preview: DefaultPreview,
): Promise<PreviewRun> {
    if (events.length > 0)
        return { events: await logs(events), drift: await logs(drift), exitCode: 0 };
    const options = { policies, refresh, flags: rest };
    return await (stack === undefined ? preview(options) : previewStack({ stack, ...options }));
}

async function logs(files: readonly string[]): Promise<EventLog[]> {
    return await Promise.all(
        files.map(async (source) => ({ source, text: await readFile(source, "utf8") })),
    );
}

async function publish(made: Report, { format, directory }: Flags): Promise<void> {
    const markdown = render(made, "markdown");
    if (directory !== undefined) {
        await mkdir(directory, { recursive: true });
        await writeFile(join(directory, "report.md"), markdown);
        await writeFile(join(directory, "report.json"), render(made, "json"));
    }
    const summary = process.env.GITHUB_STEP_SUMMARY;
    if (summary !== undefined && summary !== "") await appendFile(summary, markdown);
    const terminal = process.stdout.isTTY || directory !== undefined;
    const chosen = format ?? (terminal ? "terminal" : "markdown");
    process.stdout.write(render(made, chosen, process.stdout.isTTY && !process.env.NO_COLOR));
}

function isExpected(error: unknown): error is Error {
    return (
        error instanceof UnreadableEvents ||
        error instanceof PreviewImpossible ||
        error instanceof z.ZodError ||
        (error instanceof Error && "code" in error && error.code === "ENOENT")
    );
}

function reportCommand(): Command {
    const several = (file: string, files: readonly string[]) => [...files, file];
    return new Command("report")
        .description("turn a preview into the report of a reviewer; further flags go to pulumi")
        .option("--events <file>", "log of `pulumi preview --event-log`; repeatable", several, [])
        .option(
            "--drift <file>",
            "log of `pulumi refresh --preview-only --event-log`; repeatable",
            several,
            [],
        )
        .option("--stack <name>", "preview this stack of the backend that pulumi is logged in to")
        .option("--no-policies", "do not run the policy pack of this repository")
        .option("--no-refresh", "do not look for drift")
        .addOption(
            new Option(
                "--format <form>",
                "what goes to standard output; default: terminal on one, markdown elsewhere",
            ).choices(FORMATS),
        )
        .option("--directory <path>", "write report.md and report.json here as well")
        .option("--prices <file>", "another price list than operations/cost/prices.json")
        .allowUnknownOption()
        .allowExcessArguments()
        .exitOverride();
}
