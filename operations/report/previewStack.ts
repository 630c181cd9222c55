import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { PreviewRun } from "./command.ts";

/** A preview did not even begin. */
export class PreviewImpossible extends Error {
    constructor(message: string) {
        super(message);
        this.name = "PreviewImpossible";
    }
}

/** Runs the CLI with these arguments, shows what it says, and resolves to its exit code. */
export type RunPulumi = (args: readonly string[]) => Promise<number>;

/** The switch by which the CLI takes `--event-log`. */
export const EVENT_LOG_ENVIRONMENT = { PULUMI_DEBUG_COMMANDS: "true" } as const;

/** The policy pack of this repository (docs/policy.md). */
const POLICY_PACK = join(import.meta.dirname, "../../policy");

export interface PreviewStackArgs {
    readonly stack: string;
    /** Whether to run the policy pack of this repository, where the flags name none. */
    readonly policies: boolean;
    /** Whether to look for drift too. */
    readonly refresh: boolean;
    /** Further flags for `pulumi preview`. */
    readonly flags: readonly string[];
}

/** What is previewed, and how. */
export type PreviewOptions = Omit<PreviewStackArgs, "stack">;

/** Previews a stack of the backend that the CLI on PATH is logged in to. */
export async function previewStack(args: PreviewStackArgs): Promise<PreviewRun> {
    const { stack, ...rest } = args;
    return await recordPreview(rest, async (flags) => {
        const { exitCode } = await execa(
            "pulumi",
            [...flags, "--stack", stack, "--non-interactive"],
            {
                reject: false,
                stdio: ["ignore", process.stderr, process.stderr],
                env: EVENT_LOG_ENVIRONMENT,
            },
        );
        return exitCode ?? 1;
    });
}

/**
 * Runs a preview, and a refresh that changes nothing, and reads the events of both. The logs hold more than a report may, so they lie in
 * a directory for this user alone, and are gone afterwards.
 *
 * @throws PreviewImpossible where the preview wrote no event
 */
export async function recordPreview(
    { policies, refresh, flags }: PreviewOptions,
    run: RunPulumi,
): Promise<PreviewRun> {
    const directory = await mkdtemp(join(tmpdir(), "sovereign-report-"));
    const record = async (args: readonly string[], name: string) => {
        const file = join(directory, name);
        const exitCode = await run([...args, "--suppress-outputs", "--event-log", file]);
        return { exitCode, text: await readFile(file, "utf8").catch(() => "") };
    };
    try {
        const ours = policies && !flags.some((flag) => flag.startsWith("--policy-pack"));
        const pack = ours ? ["--policy-pack", POLICY_PACK] : [];
        const preview = await record(["preview", ...pack, ...flags], "preview.jsonl");
        if (preview.text === "")
            throw new PreviewImpossible(
                `pulumi preview ended with exit code ${preview.exitCode} before it looked at anything; what it said is above`,
            );
        const events = [{ source: "the preview", text: preview.text }];
        const look = refresh
            ? await record(["refresh", "--preview-only"], "refresh.jsonl")
            : undefined;
        const seen = look?.exitCode === 0 && look.text !== "";
        const drift = seen ? [{ source: "the look for drift", text: look.text }] : [];
        return { events, drift, exitCode: preview.exitCode };
    } finally {
        await rm(directory, { recursive: true, force: true });
    }
}
