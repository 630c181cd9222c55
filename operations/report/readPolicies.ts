import type { EngineEvent } from "./engineEvents.ts";
import type { PolicyResults, PolicyViolation } from "./plan.ts";
import { compare, plainText } from "./readPlan.ts";

/** What the policy packs found; undefined where none ran. A policy counts once, over all resources it applied to. */
export function readPolicies(events: readonly EngineEvent[]): PolicyResults | undefined {
    const applied = new Set<string>();
    const failed = new Set<string>();
    for (const event of events)
        for (const summary of [
            event.policyAnalyzeSummaryEvent,
            event.policyAnalyzeStackSummaryEvent,
        ]) {
            const name = (policy: string) => `${summary?.policyPackName ?? ""}/${policy}`;
            for (const policy of summary?.passed ?? []) applied.add(name(policy));
            for (const policy of summary?.failed ?? []) failed.add(name(policy));
        }
    const violations = events.flatMap(({ policyEvent }) =>
        policyEvent ? [violation(policyEvent)] : [],
    );
    for (const { pack, policy } of violations) failed.add(`${pack}/${policy}`);
    const total = new Set([...applied, ...failed]).size;
    if (total === 0 && !ranPolicies(events)) return undefined;
    return {
        passed: total - failed.size,
        total,
        violations: violations.sort((a, b) => compare(sortKey(a), sortKey(b))),
    };
}

function ranPolicies(events: readonly EngineEvent[]): boolean {
    return events.some(
        (event) =>
            event.policyAnalyzeSummaryEvent !== undefined ||
            event.policyAnalyzeStackSummaryEvent !== undefined,
    );
}

function violation(event: NonNullable<EngineEvent["policyEvent"]>): PolicyViolation {
    const message = plainText(event.message);
    // The SDK puts the policy's description on the first line.
    const [, ...own] = message.split("\n");
    return {
        policy: event.policyName,
        pack: event.policyPackName,
        mandatory: event.enforcementLevel === "mandatory",
        severity: event.severity ?? "",
        urn: event.resourceUrn,
        message: own.length > 0 ? own.join("\n") : message,
    };
}

/** Severities of policies, the gravest first. */
const SEVERITIES: readonly string[] = ["critical", "high", "medium", "low", ""];

/** Those that stop the deployment first, then the gravest. */
function sortKey({ mandatory, severity, policy, urn, message }: PolicyViolation): string {
    const place = SEVERITIES.indexOf(severity);
    return `${mandatory ? 0 : 1} ${place === -1 ? 9 : place} ${policy} ${urn ?? ""} ${message}`;
}
