import type { EngineResourceState } from "./engineEvents.ts";

/** What happens to a resource: a replacement is one thing, however many steps the engine takes for it. */
export type Operation = "create" | "update" | "replace" | "delete" | "import" | "read" | "same";

/** A resource in a plan. */
export interface PlannedResource {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    readonly layer: string;
    readonly operation: Operation;
    /** False for a component, which exists in the program alone. */
    readonly custom: boolean;
    readonly before: EngineResourceState | undefined;
    readonly after: EngineResourceState | undefined;
    /** Properties that force a replacement; empty where the program asked for it or where something else does. */
    readonly causes: readonly string[];
    /** Paths that the provider says differ; also of secrets, whose values say nothing. */
    readonly differing: readonly DifferingPath[];
}

export interface DifferingPath {
    readonly path: string;
    /** Whether inputs differ; otherwise it is what the provider last saw that does. */
    readonly inputs: boolean;
}

/** A policy that does not hold. */
export interface PolicyViolation {
    readonly policy: string;
    readonly pack: string;
    /** Whether it stops the deployment. */
    readonly mandatory: boolean;
    /** `critical`, `high`, `medium` or `low`; empty where the pack gives none. */
    readonly severity: string;
    readonly urn: string | undefined;
    readonly message: string;
}

export interface PolicyResults {
    /** Policies that applied to something and held. */
    readonly passed: number;
    /** Policies that applied to something. */
    readonly total: number;
    readonly violations: readonly PolicyViolation[];
}

export interface Diagnostic {
    readonly severity: "error" | "warning";
    readonly urn: string | undefined;
    readonly message: string;
}

/** What the engine foretold for one stack. */
export interface Plan {
    readonly stack: string;
    /** `incomplete` where the log ends before the engine's summary. */
    readonly outcome: "complete" | "failed" | "incomplete";
    readonly resources: readonly PlannedResource[];
    /** Undefined where no policy pack ran. */
    readonly policies: PolicyResults | undefined;
    readonly diagnostics: readonly Diagnostic[];
}
