import { z } from "zod";
import type { PulumiCli } from "../pulumiCli.ts";

export { deleteProtected, pulumiProtected } from "../../operations/provision/protection.ts";

const exportSchema = z.object({
    deployment: z.looseObject({
        resources: z
            .array(
                z.looseObject({
                    urn: z.string(),
                    type: z.string(),
                    protect: z.boolean().optional(),
                    dependencies: z.array(z.string()).optional(),
                    provider: z.string().optional(),
                    inputs: z.record(z.string(), z.unknown()).optional(),
                    outputs: z.record(z.string(), z.unknown()).optional(),
                }),
            )
            .nullish(),
        pending_operations: z.array(z.unknown()).nullish(),
    }),
});

/** A resource as the stack's state has it. */
export type StateResource = NonNullable<
    z.infer<typeof exportSchema>["deployment"]["resources"]
>[number];

/** What the stack's state holds. */
export interface StackState {
    readonly resources: readonly StateResource[];
    /** Operations whose end an interrupted run never learnt. */
    readonly pending: number;
}

/**
 * Reads the stack's state.
 *
 * @throws Error with what the CLI said
 */
export async function readState(stack: Pick<PulumiCli, "run">): Promise<StackState> {
    const { exitCode, stdout, stderr } = await stack.run(["stack", "export"]);
    if (exitCode !== 0) throw new Error(`the stack's state cannot be read:\n${stderr}`);
    const { resources, pending_operations } = exportSchema.parse(JSON.parse(stdout)).deployment;
    return { resources: resources ?? [], pending: pending_operations?.length ?? 0 };
}
