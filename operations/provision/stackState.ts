import type { automation } from "@pulumi/pulumi";
import { z } from "zod";
import { engineCommand } from "./engineCommand.ts";

const resourceSchema = z.looseObject({
    urn: z.string(),
    type: z.string(),
    custom: z.boolean().optional(),
    id: z.string().optional(),
    parent: z.string().optional(),
    dependencies: z.array(z.string()).optional(),
    provider: z.string().optional(),
    delete: z.boolean().optional(),
    protect: z.boolean().optional(),
    inputs: z.record(z.string(), z.unknown()).optional(),
    outputs: z.record(z.string(), z.unknown()).optional(),
});

const deploymentSchema = z.looseObject({
    resources: z.array(resourceSchema).nullish(),
    pending_operations: z
        .array(z.looseObject({ type: z.string(), resource: resourceSchema }))
        .nullish(),
});

const exportSchema = z.looseObject({ version: z.int(), deployment: deploymentSchema.nullish() });

/** A stack's state as the CLI exports and imports it. */
export type ExportedState = z.infer<typeof exportSchema>;

/** A resource as a stack's state has it. */
export type StateResource = z.infer<typeof resourceSchema>;

/** An operation whose end an interrupted run never learnt. */
export interface PendingOperation {
    /** `creating`, `updating`, `deleting`, `reading` or `importing`. */
    readonly type: string;
    readonly resource: StateResource;
}

/** What a stack's state holds. */
export interface StackState {
    readonly resources: readonly StateResource[];
    readonly pending: readonly PendingOperation[];
}

/** What `pulumi stack export` printed. */
export function parseExport(text: string): ExportedState {
    return exportSchema.parse(JSON.parse(text));
}

/**
 * Exports a stack's state. Not by the Automation API, which always decrypts it, and writes it in plain to a temporary file on the
 * way back.
 *
 * @param secrets - whether secrets are in plain, instead of as ciphertext
 */
export async function exportState(
    stack: automation.Stack,
    secrets: "plain" | "encrypted" = "encrypted",
): Promise<ExportedState> {
    const flags = secrets === "plain" ? ["--show-secrets"] : [];
    return parseExport(await engineCommand(stack, ["stack", "export", ...flags]));
}

/** Replaces a stack's state. */
export async function importState(stack: automation.Stack, state: ExportedState): Promise<void> {
    await engineCommand(stack, ["stack", "import"], JSON.stringify(state));
}

/** What an exported state holds. */
export function stackStateOf({ deployment }: ExportedState): StackState {
    return {
        resources: deployment?.resources ?? [],
        pending: deployment?.pending_operations ?? [],
    };
}

/** Reads the state of a stack; secrets are ciphertext. */
export async function readStackState(stack: automation.Stack): Promise<StackState> {
    return stackStateOf(await exportState(stack));
}

/** Operations of a stack whose end is not known. */
export async function pendingOperations(
    stack: automation.Stack,
): Promise<readonly PendingOperation[]> {
    return (await readStackState(stack)).pending;
}
