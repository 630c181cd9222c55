import { join } from "node:path";
import { portOffset } from "../portOffset.ts";
import type { LabLocation } from "../supervisor/lifecycle.ts";
import { LAB_ROOT } from "../toolchain/directories.ts";

/** What every command is told. */
export interface CommandOptions {
    /** Lab number. */
    readonly lab: number;
    /** Aborted by Ctrl-C. */
    readonly signal: AbortSignal;
}

/** State directory of a lab of this clone. */
export function labDirectory(instance: number): string {
    return join(LAB_ROOT, String(instance));
}

/** Where lab `instance` of this clone is, on this machine. */
export async function labLocation(instance: number): Promise<LabLocation> {
    return { instance, directory: labDirectory(instance), portOffset: await portOffset() };
}

/** Progress for people; standard output belongs to what a command is asked for. */
export function say(line: string): void {
    process.stderr.write(`${line}\n`);
}
