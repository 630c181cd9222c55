import { planCost } from "../cost/planCost.ts";
import type { PlanCost } from "../cost/planCost.ts";
import type { Prices } from "../cost/prices.ts";
import { changesOf, driftOf, guarded } from "./changesOf.ts";
import type { Operation, Plan, PlannedResource } from "./plan.ts";
import type { PropertyChange } from "./propertyChanges.ts";
import { risksOf } from "./risks/risks.ts";
import type { Risk } from "./risks/risk.ts";
import { isLost } from "./risks/risk.ts";
import { Concealment } from "./secretValues.ts";
import { parseUrn } from "./urn.ts";
import { clip, printable } from "./valueText.ts";

/** Operations that change something. */
export type Change = Exclude<Operation, "same" | "read">;

/** A resource that changes, fit to be shown. */
export interface ReportedChange {
    readonly name: string;
    readonly type: string;
    readonly layer: string;
    readonly operation: Change;
    /** Why it is replaced: each property with its values, or what else forces it. Empty for other operations. */
    readonly causes: readonly PropertyChange[];
    readonly properties: readonly PropertyChange[];
}

/** A resource that is another than the state says. */
export interface ReportedDrift {
    readonly name: string;
    readonly type: string;
    /** Whether it is gone altogether. */
    readonly gone: boolean;
    readonly properties: readonly PropertyChange[];
}

export interface ReportedViolation {
    readonly policy: string;
    readonly mandatory: boolean;
    readonly resource: string;
    readonly message: string;
}

export interface ReportedPolicies {
    readonly passed: number;
    readonly total: number;
    readonly violations: readonly ReportedViolation[];
}

export interface ReportedDiagnostic {
    readonly severity: "error" | "warning";
    readonly resource: string;
    readonly message: string;
}

/** Everything that is reported of one stack. Nothing in it is secret, and every text is on one line. */
export interface StackReport {
    readonly stack: string;
    readonly outcome: Plan["outcome"];
    /** Resources, without components. */
    readonly counts: Readonly<Record<Change, number>>;
    /** Whether nothing of the stack is left afterwards. */
    readonly destroyed: boolean;
    /** Undefined where the preview did not get to its end: half a plan has no price. */
    readonly cost: PlanCost | undefined;
    /** Undefined where no policy pack ran. */
    readonly policies: ReportedPolicies | undefined;
    /** Undefined where nobody looked. */
    readonly drift: readonly ReportedDrift[] | undefined;
    readonly risks: readonly Risk[];
    readonly changes: readonly ReportedChange[];
    readonly diagnostics: readonly ReportedDiagnostic[];
}

/** The longest message of a policy or the engine. */
const LONGEST_MESSAGE = 600;

/**
 * Turns a plan, and what a refresh foretold, into what may be reported of them. This is the seam behind which there is no
 * secret any more.
 */
export function stackReport(plan: Plan, drift: Plan | undefined, prices: Prices): StackReport {
    const concealment = new Concealment(states([plan, ...(drift ? [drift] : [])]));
    const name = (text: string) => printable(concealment.conceal(text));
    const message = (text: string) =>
        clip(name(text.replaceAll(/\s+/g, " ").trim()), LONGEST_MESSAGE);
    const resource = (urn: string | undefined) =>
        urn === undefined ? "" : name(parseUrn(urn).name);
    const cost = plan.outcome === "complete" ? planCost(plan, prices) : undefined;
    return {
        stack: name(plan.stack),
        outcome: plan.outcome,
        counts: countsOf(plan),
        destroyed:
            plan.resources.length > 0 &&
            plan.resources.every(({ operation }) => operation === "delete"),
        cost: cost && {
            ...cost,
            items: cost.items.map((item) => ({
                ...item,
                name: name(item.name),
                what: name(item.what),
            })),
        },
        policies: plan.policies && {
            ...plan.policies,
            violations: plan.policies.violations.map((violation) => ({
                policy: name(violation.policy),
                mandatory: violation.mandatory,
                resource: resource(violation.urn),
                message: message(violation.message),
            })),
        },
        drift: drift && reportedDrift(drift, concealment),
        risks: risksOf(plan, concealment),
        changes: plan.resources.flatMap((planned) => reportedChange(planned, concealment)),
        diagnostics: plan.diagnostics.map(({ severity, urn, message: text }) => ({
            severity,
            resource: resource(urn),
            message: message(text),
        })),
    };
}

function states(plans: readonly Plan[]): unknown[] {
    return plans
        .flatMap(({ resources }) => resources)
        .flatMap(({ type, before, after }) =>
            [before?.inputs, before?.outputs, after?.inputs, after?.outputs].map((properties) =>
                guarded(type, properties ?? {}),
            ),
        );
}

function isChange(operation: Operation): operation is Change {
    return operation !== "same" && operation !== "read";
}

function countsOf({ resources }: Plan): Record<Change, number> {
    const counts = { create: 0, update: 0, replace: 0, delete: 0, import: 0 };
    for (const resource of resources)
        if (isReported(resource) && isChange(resource.operation)) counts[resource.operation]++;
    return counts;
}

/** Components exist in the program alone, and the providers that nobody wrote down come and go with versions. */
function isReported({ custom, type, name }: PlannedResource): boolean {
    return custom && !(type.startsWith("pulumi:providers:") && /^default(_|$)/.test(name));
}

function reportedChange(planned: PlannedResource, concealment: Concealment): ReportedChange[] {
    const { operation } = planned;
    if (!isReported(planned) || !isChange(operation)) return [];
    const properties = changesOf(planned, concealment);
    const name = (text: string) => printable(concealment.conceal(text));
    return [
        {
            name: name(planned.name),
            type: name(planned.type),
            layer: name(planned.layer),
            operation,
            causes: isLost(planned) ? causesOf(planned, properties).map(named(name)) : [],
            properties: properties.map(named(name)),
        },
    ];
}

/** Keys of objects are texts out of the plan as well. */
function named(name: (text: string) => string): (change: PropertyChange) => PropertyChange {
    return (change) => ({ ...change, path: clip(name(change.path)) });
}

function causesOf(
    { operation, causes }: PlannedResource,
    properties: readonly PropertyChange[],
): PropertyChange[] {
    if (operation !== "replace") return [];
    return causes.flatMap((key) => {
        const found = properties.filter(
            ({ path }) => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`),
        );
        return found.length > 0 ? found : [{ path: key }];
    });
}

function reportedDrift(drift: Plan, concealment: Concealment): ReportedDrift[] {
    const name = (text: string) => printable(concealment.conceal(text));
    return drift.resources.flatMap((planned) => {
        const { operation, custom, type } = planned;
        if (!custom || (operation !== "update" && operation !== "delete")) return [];
        const gone = operation === "delete";
        const properties = gone ? [] : driftOf(planned, concealment).map(named(name));
        return [{ name: name(planned.name), type: name(type), gone, properties }];
    });
}
