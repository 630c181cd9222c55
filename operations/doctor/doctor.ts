import { type Check, NotApplicable } from "./check.ts";
import { CHECKS } from "./checks/all.ts";
import type { Examination } from "./examination.ts";

/** `unknown`: it could not be seen from here, which counts as a failure; `skipped`: the configuration leaves it out. */
export type Status = "pass" | "fail" | "unknown" | "skipped";

/** What one check came to. */
export interface CheckResult extends Pick<
    Check,
    "number" | "id" | "title" | "severity" | "vantage"
> {
    readonly status: Status;
    readonly evidence: string;
    /** One line each; empty unless it failed. */
    readonly problems: readonly string[];
    /** What to do; only where something is to be done. */
    readonly remedy?: string;
}

/** The doctor's findings. */
export interface Diagnosis {
    readonly fqdn: string;
    /** ISO 8601. */
    readonly examinedAt: string;
    /** Whether mail from this Sovereign is ready: every required check has passed, or has nothing to check. */
    readonly ready: boolean;
    readonly checks: readonly CheckResult[];
}

async function outcome(
    check: Check,
    examination: Examination,
): Promise<Pick<CheckResult, "status" | "evidence" | "problems">> {
    try {
        const { evidence, problems } = await check.run(examination);
        return { status: problems.length === 0 ? "pass" : "fail", evidence, problems };
    } catch (error) {
        const evidence = error instanceof Error ? error.message : String(error);
        // What went wrong without a name of its own was not seen either.
        const status = error instanceof NotApplicable ? "skipped" : "unknown";
        return { status, evidence, problems: [] };
    }
}

function lookFor(check: Check, status: Status): { remedy?: string } {
    if (status === "fail") return { remedy: check.remedy };
    if (status === "unknown")
        return { remedy: `Make it visible (${check.vantage}): docs/mail.md, the doctor.` };
    return {};
}

/**
 * Examines the mail of a Sovereign, check after check: its server closes connections that come too fast. Never throws for
 * what is wrong with the Sovereign.
 */
export async function examine(
    examination: Examination,
    checks: readonly Check[] = CHECKS,
): Promise<Diagnosis> {
    const results: CheckResult[] = [];
    for (const check of checks) {
        const { number, id, title, severity, vantage } = check;
        const found = await outcome(check, examination);
        results.push({
            number,
            id,
            title,
            severity,
            vantage,
            ...found,
            ...lookFor(check, found.status),
        });
    }
    return {
        fqdn: examination.subject.sovereign.fqdn,
        examinedAt: examination.now().toISOString(),
        ready: results.every(
            ({ severity, status }) =>
                severity === "advised" || status === "pass" || status === "skipped",
        ),
        checks: results,
    };
}
