import type { Plan, PlannedResource } from "../plan.ts";
import type { Words } from "../words.ts";

/** What a reviewer has to think of, the gravest first: this is also their order in the report. */
export const RISK_KINDS = [
    "zone delete",
    "address release",
    "cluster deleted",
    "cluster rebuilt",
    "control plane replaced",
    "key removal",
    "delegation change",
    "PTR change",
    "mail record",
    "server replaced",
    "server off",
    "mail restart",
    "data loss",
    "password change",
    "key change",
    "protection lifted",
] as const;

export type RiskKind = (typeof RISK_KINDS)[number];

/** A risk of a plan in the words of its domain. */
export interface Risk {
    readonly kind: RiskKind;
    readonly text: Words;
}

/** Looks at one resource of a plan. */
export type RiskRule = (resource: PlannedResource, plan: Plan) => readonly Risk[];

/** Whether what stands today is gone afterwards. */
export function isLost({ operation }: PlannedResource): boolean {
    return operation === "delete" || operation === "replace";
}

/** Text of an input or output, before or after; empty where there is none. */
export function textOf(
    resource: PlannedResource,
    side: "before" | "after",
    property: string,
): string {
    const state = resource[side];
    const value = state?.inputs?.[property] ?? state?.outputs?.[property];
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** The first text that is not empty. */
export function firstText(...texts: readonly string[]): string {
    return texts.find((text) => text !== "") ?? "";
}
