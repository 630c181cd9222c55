import { parseExport, stackStateOf } from "../../operations/provision/stackState.ts";
import type { StackState } from "../../operations/provision/stackState.ts";
import type { PulumiCli } from "../pulumiCli.ts";

/**
 * Reads the stack's state by the command line; secrets are ciphertext.
 *
 * @throws Error with what the CLI said
 */
export async function readState(stack: Pick<PulumiCli, "run">): Promise<StackState> {
    const { exitCode, stdout, stderr } = await stack.run(["stack", "export"]);
    if (exitCode !== 0) throw new Error(`the stack's state cannot be read:\n${stderr}`);
    return stackStateOf(parseExport(stdout));
}
