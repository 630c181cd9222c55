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
                }),
            )
            .nullish(),
    }),
});

/** A resource as the stack's state has it. */
export type StateResource = NonNullable<
    z.infer<typeof exportSchema>["deployment"]["resources"]
>[number];

/** Resources of the stack's state. */
export async function stateResources(stack: PulumiCli): Promise<readonly StateResource[]> {
    const { exitCode, stdout, stderr } = await stack.run(["stack", "export"]);
    if (exitCode !== 0) throw new Error(`the stack's state cannot be read:\n${stderr}`);
    return exportSchema.parse(JSON.parse(stdout)).deployment.resources ?? [];
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
