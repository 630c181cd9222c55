/** A value of the plan: JSON, `{ $secret: value }`, or `{ $later: value }`, which no preview of a new stack knows. */
export type Cell =
    null | boolean | number | string | readonly Cell[] | { readonly [key: string]: Cell };

/** A resource of the program. */
export interface DeclaredResource {
    readonly type: string;
    readonly props: Readonly<Record<string, Cell>>;
    readonly protect?: boolean;
    readonly replacementTrigger?: string;
    /** Type of the component that it lies in. */
    readonly within?: string;
}

/** What the program declares. A test writes it and changes it between two runs of the engine. */
export interface PolicyPlan {
    /** By logical name. */
    readonly resources: Readonly<Record<string, DeclaredResource>>;
    readonly outputs: Readonly<Record<string, Cell>>;
}

/** Environment variable with the file of the plan. */
export const PLAN_FILE = "SOVEREIGN_POLICY_PLAN";
