import { writeFile, readFile } from "node:fs/promises";
import type { automation } from "@pulumi/pulumi";
import { parseDocument } from "yaml";
import { engineCommand } from "./engineCommand.ts";
import { OperationFailure } from "./failure.ts";
import type { Session } from "./session.ts";
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

/** @throws OperationFailure where anything is protected */
export async function refuseProtected(stack: automation.Stack): Promise<void> {
    const { resources } = await readStackState(stack);
    const { size } = new Set([...deleteProtected(resources), ...pulumiProtected(resources)]);
    if (size > 0)
        throw new OperationFailure(
            "invalid",
            `${size} resources of the stack are protected, so nothing was destroyed`,
            "to destroy them as well: --include-protected",
        );
}

/**
 * Takes the protection off without touching anything else: at Hetzner by an update of the protected resources alone, which needs
 * no cluster, then in Pulumi's state.
 *
 * @param file - the stack's config; `protect` is off in it afterwards
 */
export async function liftProtection(session: Session, file: string): Promise<void> {
    const { stack } = session;
    const atHetzner = deleteProtected((await readStackState(stack)).resources);
    if (atHetzner.length > 0) {
        const document = parseDocument(await readFile(file, "utf8"));
        document.setIn(["config", "sovereign:protect"], "false");
        await writeFile(file, document.toString());
        await session.update((run) =>
            stack.up({ ...run, target: atHetzner.map(({ urn }) => urn) }),
        );
    }
    if (pulumiProtected((await readStackState(stack)).resources).length === 0) return;
    await engineCommand(stack, ["state", "unprotect", "--all", "--yes"]);
}
