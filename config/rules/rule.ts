import type { Problem } from "../problem.ts";
import type { SecretKey } from "../secretKeys.ts";
import type { KeyName, Values } from "../schema.ts";

/** What a rule across keys may look at. */
export interface RuleContext {
    /** Secrets that are set. */
    readonly secrets: ReadonlySet<SecretKey>;
}

/** A rule across keys. It is asked only when each of its keys is fine by itself, so no mistake is reported twice. */
export interface Rule {
    readonly keys: readonly KeyName[];
    readonly check: (values: Values, context: RuleContext) => readonly Problem[];
}

/** Declares a rule over `keys`. */
export function rule<K extends KeyName>(
    keys: readonly K[],
    check: (values: Pick<Values, K>, context: RuleContext) => readonly Problem[],
): Rule {
    return { keys, check };
}

/** `[problem]` when `broken`, else nothing. */
export function when(broken: boolean, problem: () => Problem): readonly Problem[] {
    return broken ? [problem()] : [];
}
