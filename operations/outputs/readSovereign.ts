import * as pulumi from "@pulumi/pulumi";
import type { automation } from "@pulumi/pulumi";
import { outputsSchema } from "./contract.ts";
import type { StackOutputs } from "./contract.ts";
import { parseOutputs } from "./parseOutputs.ts";

/** A Sovereign as another program reads it: secrets are secret Outputs. */
export type ReferencedSovereign = Omit<
    StackOutputs,
    "cluster" | "smtp" | "kubeconfig" | "smtpPassword"
> & {
    readonly cluster: Omit<StackOutputs["cluster"], "kubeconfig"> & {
        readonly kubeconfig: pulumi.Output<string>;
    };
    readonly smtp: Omit<StackOutputs["smtp"], "password"> & {
        readonly password: pulumi.Output<string>;
    };
    readonly kubeconfig: pulumi.Output<string>;
    readonly smtpPassword: pulumi.Output<string>;
};

/**
 * Reads a Sovereign's outputs in another program, through a stack reference.
 *
 * @throws OutputsError with everything that is missing, of another version or could not be decrypted
 */
export async function readSovereign(
    reference: pulumi.StackReference,
    source?: string,
): Promise<ReferencedSovereign>;
/**
 * Reads a Sovereign's outputs that the Automation API got (`stack.outputs()`), secrets in plain.
 *
 * @throws OutputsError as above
 */
export async function readSovereign(
    outputs: automation.OutputMap,
    source?: string,
): Promise<StackOutputs>;
export async function readSovereign(
    from: pulumi.StackReference | automation.OutputMap,
    source?: string,
): Promise<ReferencedSovereign | StackOutputs> {
    if (pulumi.StackReference.isInstance(from))
        return referenced(parseOutputs(await valuesOf(from), source ?? "the referenced stack"));
    const values = Object.entries(from).map(([name, { value }]): [string, unknown] => [
        name,
        value,
    ]);
    return parseOutputs(Object.fromEntries(values), source ?? "this stack");
}

async function valuesOf(reference: pulumi.StackReference): Promise<Record<string, unknown>> {
    const values: Record<string, unknown> = {};
    for (const name of Object.keys(outputsSchema.shape)) {
        const details: { readonly value?: unknown; readonly secretValue?: unknown } =
            await reference.getOutputDetails(name);
        const found = details.value === undefined ? details.secretValue : details.value;
        if (found !== undefined) values[name] = found;
    }
    return values;
}

function referenced(outputs: StackOutputs): ReferencedSovereign {
    const kubeconfig = pulumi.secret(outputs.kubeconfig);
    const password = pulumi.secret(outputs.smtp.password);
    return {
        ...outputs,
        cluster: { ...outputs.cluster, kubeconfig },
        smtp: { ...outputs.smtp, password },
        kubeconfig,
        smtpPassword: password,
    };
}
