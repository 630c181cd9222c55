import type { automation } from "@pulumi/pulumi";
import { execa } from "execa";

/**
 * Runs a command of the CLI on a stack, for what the Automation API does not offer or would put a secret on a disk for.
 *
 * @param input - given on standard input, which no list of processes shows
 * @returns what it printed
 * @throws Error with what the CLI said
 */
export async function engineCommand(
    stack: automation.Stack,
    args: readonly string[],
    input = "",
): Promise<string> {
    const { pulumiCommand, workDir, envVars } = stack.workspace as automation.LocalWorkspace;
    const { exitCode, stdout, stderr } = await execa(
        pulumiCommand.command,
        [...args, "--stack", stack.name, "--non-interactive"],
        { cwd: workDir, env: envVars, input, reject: false },
    );
    if (exitCode === 0) return stdout;
    throw new Error(
        `pulumi ${args.join(" ")} ended with exit code ${exitCode ?? "none"}:\n${stderr}`,
    );
}
