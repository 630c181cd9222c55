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
    return {
        policy: event.policyName,
        pack: event.policyPackName,
        mandatory: event.enforcementLevel === "mandatory",
        urn: event.resourceUrn,
        message: plainText(event.message),
    };
}

/** Those that stop the deployment first. */
function sortKey({ mandatory, policy, urn, message }: PolicyViolation): string {
    return `${mandatory ? 0 : 1} ${policy} ${urn ?? ""} ${message}`;
}
