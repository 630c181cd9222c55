import Table from "cli-table3";
import type { CheckResult, Diagnosis } from "./doctor.ts";

/** Columns of a line where nobody knows how many there are. */
const DEFAULT_WIDTH = 120;

/** Columns that the table's other columns and borders take. */
const TAKEN = 70;

/** What a person has to read of a check: what is wrong and what to do, or what was seen. */
function details({ status, evidence, problems, remedy }: CheckResult): string {
    const seen = problems.length > 0 ? problems : [evidence];
    const todo = remedy === undefined ? [] : [`→ ${remedy}`];
    return [...seen, ...todo].filter((line) => line !== "").join("\n") || status;
}

function counts({ checks }: Diagnosis): string {
    return (["pass", "fail", "unknown", "skipped"] as const)
        .map(
            (status) => [checks.filter((check) => check.status === status).length, status] as const,
        )
        .filter(([count]) => count > 0)
        .map(([count, status]) => `${count} ${status}`)
        .join(", ");
}

/** The last line: what the gate says, and which checks keep it shut. */
export function verdict(diagnosis: Diagnosis): string {
    const shut = diagnosis.checks
        .filter(({ severity, status }) => severity === "required" && !opens(status))
        .map(({ id, status }) => `${id} (${status})`);
    const summary = `${diagnosis.fqdn}: ${counts(diagnosis)}`;
    return shut.length === 0
        ? `✔ ${summary}. Its mail is ready.`
        : `✘ ${summary}. Its mail is not ready because of ${shut.join(", ")}.`;
}

function opens(status: CheckResult["status"]): boolean {
    return status === "pass" || status === "skipped";
}

/** The diagnosis as a table. */
export function report(diagnosis: Diagnosis, width = DEFAULT_WIDTH): string {
    const table = new Table({
        head: ["#", "check", "severity", "vantage", "result", "what was seen, and what to do"],
        colWidths: [4, 25, 10, 9, 9, Math.max(40, width - TAKEN)],
        wordWrap: true,
        style: { head: [], border: [] },
    });
    for (const check of diagnosis.checks)
        table.push([
            check.number,
            check.id,
            check.severity,
            check.vantage,
            check.status,
            details(check),
        ]);
    return `${table.toString()}\n${verdict(diagnosis)}\n`;
}
