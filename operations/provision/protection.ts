import type { automation } from "@pulumi/pulumi";
import { OperationFailure } from "./failure.ts";
import { readStackState } from "./stackState.ts";
import type { StateResource } from "./stackState.ts";

/** Inputs by which Hetzner itself refuses a delete (https://docs.hetzner.cloud/, resource protection). */
const DELETE_PROTECTION = ["deleteProtection", "rebuildProtection"] as const;

/** Resources that Hetzner would refuse to delete. */
export function deleteProtected<R extends Pick<StateResource, "type" | "inputs">>(
    resources: readonly R[],
): readonly R[] {
    return resources.filter(
        ({ type, inputs = {} }) =>
            type.startsWith("hcloud:") && DELETE_PROTECTION.some((name) => inputs[name] === true),
    );
}

/** Resources that Pulumi would refuse to delete. */
export function pulumiProtected<R extends Pick<StateResource, "protect">>(
    resources: readonly R[],
): readonly R[] {
    return resources.filter(({ protect }) => protect === true);
}

/** One line for each protected resource, with who refuses its deletion, sorted. Pure. */
export function protectedLines(
    resources: readonly Pick<StateResource, "urn" | "type" | "inputs" | "protect">[],
): readonly string[] {
    const atHetzner = new Set(deleteProtected(resources));
    const atPulumi = new Set(pulumiProtected(resources));
    const lines = resources.flatMap((resource) => {
        const by = [
            ...(atHetzner.has(resource) ? ["Hetzner"] : []),
            ...(atPulumi.has(resource) ? ["Pulumi"] : []),
        ];
        const name = resource.urn.split("::").slice(3).join("::");
        return by.length === 0 ? [] : [`${resource.type} ${name} (at ${by.join(" and ")})`];
    });
    return lines.sort();
}

/** @throws OperationFailure where anything is protected */
export async function refuseProtected(stack: automation.Stack): Promise<void> {
    const lines = protectedLines((await readStackState(stack)).resources);
    if (lines.length > 0)
        throw new OperationFailure(
            "invalid",
            [
                `${lines.length} resources of the stack are protected, so nothing was destroyed:`,
                ...lines.map((line) => `  ${line}`),
            ].join("\n"),
            `to destroy them as well: npx sovereign destroy --stack ${stack.name} --include-protected`,
        );
}
