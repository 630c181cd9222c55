import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { LAB_PASSPHRASE } from "../../lab/credentials.ts";
import { PulumiCli } from "../../lab/pulumiCli.ts";
import type { PulumiResult } from "../../lab/pulumiCli.ts";
import { CLONE } from "../../lab/toolchain/directories.ts";
import { testToolchain } from "../support/toolchain.ts";
import { PLAN_FILE } from "./policyProject/plan.ts";
import type { PolicyPlan } from "./policyProject/plan.ts";

/** The pack as people name it on the command line. */
export const PACK = join(CLONE, "policy");

/** Packages whose types the program of the table declares; each is served by the echo. */
const PACKAGES = ["hcloud", "kubernetes", "sovereign", "tls"];

const event = z.object({
    policyEvent: z
        .object({
            resourceUrn: z.string().default(""),
            message: z.string(),
            policyName: z.string(),
            enforcementLevel: z.string(),
        })
        .optional(),
    policyAnalyzeSummaryEvent: z
        .object({
            passed: z.array(z.string()).default([]),
            failed: z.array(z.string()).default([]),
        })
        .optional(),
    policyAnalyzeStackSummaryEvent: z
        .object({
            passed: z.array(z.string()).default([]),
            failed: z.array(z.string()).default([]),
        })
        .optional(),
});

/** A violation as the engine reported it. */
export interface Violation {
    readonly policy: string;
    /** Logical name of the resource; `stack` for the stack. */
    readonly name: string;
    /** Without the policy's description, which the SDK puts on the first line. */
    readonly message: string;
}

/** What the policies said in one run of the engine. */
export interface PolicyRun extends PulumiResult {
    readonly violations: readonly Violation[];
    /** Policies that had something to judge and found nothing wrong with it. */
    readonly passed: readonly string[];
    readonly failed: readonly string[];
}

/** Runs a command of the CLI with the pack, and reads what the engine reported of it. */
export async function runWithPolicies(
    cli: PulumiCli,
    directory: string,
    command: "preview" | "up",
    ...args: string[]
): Promise<PolicyRun> {
    const log = join(directory, "events.jsonl");
    await rm(log, { force: true });
    const result = await cli.run([command, "--policy-pack", PACK, "--event-log", log, ...args]);
    const lines = (await readFile(log, "utf8").catch(() => "")).split("\n").filter(Boolean);
    const events = lines.map((line) => event.parse(JSON.parse(line)));
    const summaries = events.flatMap(
        (e) => e.policyAnalyzeSummaryEvent ?? e.policyAnalyzeStackSummaryEvent ?? [],
    );
    const failed = new Set(summaries.flatMap((summary) => summary.failed));
    const passed = new Set(summaries.flatMap((summary) => summary.passed));
    return {
        ...result,
        failed: [...failed].sort(),
        passed: [...passed].filter((name) => !failed.has(name)).sort(),
        violations: events.flatMap(({ policyEvent }) =>
            policyEvent === undefined ? [] : [violationOf(policyEvent)],
        ),
    };
}

function violationOf({
    policyName,
    resourceUrn,
    message,
}: {
    readonly policyName: string;
    readonly resourceUrn: string;
    readonly message: string;
}): Violation {
    const [, , types = "", name = ""] = resourceUrn.split("::");
    return {
        policy: policyName,
        name: types === "pulumi:pulumi:Stack" ? "stack" : name,
        message: message.trimEnd().split("\n").slice(1).join("\n"),
    };
}

/** A stack of the program of a table, on a file backend, with providers that accept everything. */
export interface PolicyStack {
    readonly cli: PulumiCli;
    readonly directory: string;
    /** Sets what the program declares from the next run on. */
    declare(plan: PolicyPlan): Promise<void>;
    /** Sets the stack's configuration, by qualified key. */
    configure(config: Readonly<Record<string, unknown>>): Promise<void>;
    run(command: "preview" | "up", ...args: string[]): Promise<PolicyRun>;
    remove(): Promise<void>;
}

/** Makes the stack; no lab is needed. */
export async function makePolicyStack(): Promise<PolicyStack> {
    const directory = await mkdtemp(join(tmpdir(), "sovereign-policy-"));
    const plan = join(directory, "plan.json");
    const providers = await Promise.all(PACKAGES.map((name) => echo(directory, name)));
    await writeFile(
        join(directory, "Pulumi.yaml"),
        stringify({
            name: "policies",
            runtime: { name: "nodejs", options: { typescript: false } },
            main: join(CLONE, "tests/e2e/policyProject/index.ts"),
            plugins: { providers },
        }),
    );
    const cli = new PulumiCli({
        toolchain: await testToolchain(),
        directory: join(directory, "pulumi"),
        stack: "dev",
        passphrase: LAB_PASSPHRASE,
        project: directory,
        environment: { [PLAN_FILE]: plan, PULUMI_DEBUG_COMMANDS: "true" },
    });
    await cli.ensureStack();
    const configFile = join(directory, "Pulumi.dev.yaml");
    // `stack init` wrote the salt of the stack's secrets there.
    const salt = parse(await readFile(configFile, "utf8")) as Record<string, unknown>;
    return {
        cli,
        directory,
        configure: (config) => writeFile(configFile, stringify({ ...salt, config })),
        declare: (declared) => writeFile(plan, JSON.stringify(declared)),
        run: (command, ...args) => runWithPolicies(cli, directory, command, ...args),
        remove: () => rm(directory, { recursive: true, force: true }),
    };
}

/** A plugin of a package that is the echo. */
async function echo(directory: string, name: string): Promise<{ name: string; path: string }> {
    const path = join(directory, "plugins", name);
    const file = join(path, `pulumi-resource-${name}`);
    const provider = join(CLONE, "tests/e2e/policyProject/echoProvider.ts");
    await mkdir(path, { recursive: true });
    await writeFile(
        file,
        `#!/bin/sh\nexec '${process.execPath}' --disable-warning=ExperimentalWarning '${provider}' "$@"\n`,
    );
    await chmod(file, 0o755);
    return { name, path };
}
