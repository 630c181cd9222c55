import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import type { SavedResource } from "./stackRun.ts";

/** State files of large stacks have many megabytes. */
const LARGEST_STATE = 1 << 30;

const exported = z.object({
    deployment: z.object({
        resources: z
            .array(
                z.object({
                    urn: z.string(),
                    type: z.string(),
                    delete: z.boolean().default(false),
                    outputs: z.record(z.string(), z.unknown()).default({}),
                    replacementTrigger: z.unknown().optional(),
                }),
            )
            .default([]),
    }),
});

/** Resources in the output of `pulumi stack export`, without those that only wait for their deletion. */
export function parseSavedResources(json: string): readonly SavedResource[] {
    return exported
        .parse(JSON.parse(json))
        .deployment.resources.filter(({ delete: waits }) => !waits)
        .map(({ urn, type, outputs, replacementTrigger }) => ({
            urn,
            type,
            outputs,
            ...(replacementTrigger !== undefined && { replacementTrigger }),
        }));
}

/**
 * Reads a stack's state by the CLI, which knows the backend that it runs on. Secrets stay encrypted.
 *
 * @param stack - `<organization>/<project>/<stack>`
 * @throws Error with what the CLI said
 */
export async function readSavedResources(stack: string): Promise<readonly SavedResource[]> {
    try {
        const { stdout } = await promisify(execFile)(
            "pulumi",
            ["stack", "export", "--stack", stack, "--non-interactive"],
            { maxBuffer: LARGEST_STATE },
        );
        return parseSavedResources(stdout);
    } catch (error) {
        const { stderr = "" } = error as { readonly stderr?: string };
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(stderr === "" ? message : stderr.trim(), { cause: error });
    }
}
