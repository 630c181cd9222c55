import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseOutputs } from "../outputs/parseOutputs.ts";
import { CHECKS } from "./checks/all.ts";
import { connect } from "./connect.ts";
import { examine, type Diagnosis } from "./doctor.ts";
import type { DoctorFlags } from "./flags.ts";
import { progress } from "./progress.ts";
import { report } from "./report.ts";
import type { Subject } from "./subject.ts";

/** Where a command's words go. */
export interface CommandOutput {
    /** What was asked for. */
    readonly write: (text: string) => void;
    /** Progress, one line each. */
    readonly say: (line: string) => void;
    /** Columns of the terminal. @default 120 */
    readonly width?: number;
}

/** Reads outputs as `pulumi stack output --json --show-secrets` prints them, from a file or (`-`) standard input. */
export async function outputsFromFile(file: string): Promise<Subject> {
    const content = file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
    let values: unknown;
    try {
        values = JSON.parse(content);
    } catch (cause) {
        throw new Error(`${file} is not JSON: pulumi stack output --json --show-secrets`, {
            cause,
        });
    }
    if (typeof values !== "object" || values === null || Array.isArray(values))
        throw new Error(`${file} holds no outputs: pulumi stack output --json --show-secrets`);
    return parseOutputs(values as Record<string, unknown>, file);
}

/** Examines a Sovereign for a person or a machine. Resolves to 0 where its mail is ready, to 1 where it is not. */
export async function examineAndReport(
    subject: Subject,
    { connect: options, only, json }: DoctorFlags,
    { write, say, width }: CommandOutput,
): Promise<number> {
    const checks = CHECKS.filter(({ id }) => only.length === 0 || only.includes(id));
    const { examination, close } = await connect(subject, options);
    let diagnosis: Diagnosis;
    const shown = progress(checks.length, say);
    try {
        diagnosis = await examine(examination, { checks, ...shown });
    } finally {
        shown.stop();
        await close();
    }
    write(json ? `${JSON.stringify(diagnosis, null, 4)}\n` : report(diagnosis, width));
    return diagnosis.ready ? 0 : 1;
}
