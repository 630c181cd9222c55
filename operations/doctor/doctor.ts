import { type Check, NotApplicable, type Vantage } from "./check.ts";
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

const VISIBILITY: Readonly<Record<Vantage, string>> = {
    outside: "Examine it from a machine that reaches the Internet and the cluster's API.",
    node: "Bring the node's probe to a result: systemctl start sovereign-mail-probe.service on it; nodes from before the probe get it with their next generation.",
    pod: "Let the doctor into the cluster (the stack's kubeconfig, port forwarding), and have the probe look again: npm run doctor -- --probe.",
};

function lookFor(check: Check, status: Status): { remedy?: string } {
    if (status === "fail") return { remedy: check.remedy };
    if (status === "unknown") return { remedy: check.visibility ?? VISIBILITY[check.vantage] };
    return {};
}

export interface ExamineOptions {
    /** @default all 25 */
    readonly checks?: readonly Check[];
    /** Told when a check begins. */
    readonly onStart?: (check: Check) => void;
    /** Told what came of it. */
    readonly onResult?: (result: CheckResult) => void;
}

/**
 * Examines the mail of a Sovereign, check after check: its server closes connections that come too fast. Never throws for
 * what is wrong with the Sovereign.
 */
export async function examine(
    examination: Examination,
    { checks = CHECKS, onStart, onResult }: ExamineOptions = {},
): Promise<Diagnosis> {
    const results: CheckResult[] = [];
    for (const check of checks) {
        const { number, id, title, severity, vantage } = check;
        onStart?.(check);
        const found = await outcome(check, examination);
        const remedy = lookFor(check, found.status);
        const result = { number, id, title, severity, vantage, ...found, ...remedy };
        results.push(result);
        onResult?.(result);
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
