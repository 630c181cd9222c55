import { z } from "zod";
import type { PulumiCli } from "../pulumiCli.ts";

const exportSchema = z.object({
    deployment: z.looseObject({
        resources: z
            .array(
                z.looseObject({
                    urn: z.string(),
                    type: z.string(),
                    protect: z.boolean().optional(),
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

/** Inputs by which Hetzner itself refuses a delete (https://docs.hetzner.cloud/, resource protection). */
const DELETE_PROTECTION = ["deleteProtection", "rebuildProtection"] as const;

/** Resources that Hetzner would refuse to delete. */
export function deleteProtected(resources: readonly StateResource[]): readonly StateResource[] {
    return resources.filter(
        ({ type, inputs = {} }) =>
            type.startsWith("hcloud:") && DELETE_PROTECTION.some((name) => inputs[name] === true),
    );
}

/** Resources that Pulumi would refuse to delete. */
export function pulumiProtected(resources: readonly StateResource[]): readonly StateResource[] {
    return resources.filter(({ protect }) => protect === true);
}
