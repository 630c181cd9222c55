import { z } from "zod";
import type { PulumiCli, PulumiResult } from "../../lab/pulumiCli.ts";

/** What tests of a running Sovereign read of its outputs. */
const outputsSchema = z.looseObject({
    serverIds: z.record(z.string(), z.string()),
    stalwartReleaseStatus: z.string(),
    catalystReleaseStatus: z.string(),
    cloud: z.looseObject({
        loadBalancerIpv4: z.string(),
        loadBalancerIpv6: z.string().nullable(),
        nodeIpv4: z.record(z.string(), z.string()),
        ptrRecords: z.array(z.looseObject({ ip: z.string(), name: z.string() })),
    }),
    cluster: z.looseObject({ kubeconfig: z.string(), uid: z.string(), epoch: z.number() }),
});

/** Outputs of a stack in the clear. */
export type StackOutputs = z.output<typeof outputsSchema>;

/** Reads the outputs of a stack, secrets among them. */
export async function stackOutputs(stack: PulumiCli): Promise<StackOutputs> {
    return outputsSchema.parse(await stack.json(["stack", "output", "--show-secrets"]));
}

/** Runs `pulumi up` to its end. @throws Error with all that the CLI said where it fails */
export async function up(stack: PulumiCli): Promise<PulumiResult> {
    const result = await stack.run(["up", "--yes", "--skip-preview"]);
    if (result.exitCode !== 0)
        throw new Error(
            `pulumi up ended with exit code ${result.exitCode}:\n${result.stdout}\n${result.stderr}`,
        );
    return result;
}
