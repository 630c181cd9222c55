import { ApiError, invalidField } from "./errors.ts";

export type Labels = Readonly<Record<string, string>>;

const NAME = /^[A-Za-z0-9](?:[-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const RESERVED_PREFIX = "hetzner.cloud";

function problemOf(key: string, value: string): string | undefined {
    const slash = key.lastIndexOf("/");
    const prefix = key.slice(0, Math.max(slash, 0));
    if (slash >= 0 && (prefix.length > 63 || !PREFIX.test(prefix)))
        return `label key '${key}' has an invalid prefix`;
    if (prefix === RESERVED_PREFIX || prefix.endsWith(`.${RESERVED_PREFIX}`))
        return `label key prefix '${RESERVED_PREFIX}/' is reserved`;
    if (!NAME.test(key.slice(slash + 1))) return `label key '${key}' is not correctly formatted`;
    if (value !== "" && !NAME.test(value))
        return `label value '${value}' is not correctly formatted`;
    return undefined;
}

/** Checks labels by the API's rules (https://docs.hetzner.cloud/reference/cloud#labels). Throws `invalid_input`. */
export function checkLabels(labels: Labels): void {
    for (const [key, value] of Object.entries(labels)) {
        const problem = problemOf(key, value);
        if (problem !== undefined) throw invalidField("labels", problem);
    }
}

type Test = (labels: Labels) => boolean;

function parseTerm(term: string): Test | undefined {
    const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term);
    if (set) {
        const [, key = "", operator, list = ""] = set;
        const values = list.split(",").map((value) => value.trim());
        return (labels) =>
            Object.hasOwn(labels, key) && values.includes(labels[key] ?? "")
                ? operator === "in"
                : operator === "notin";
    }
    const comparison = /^([^\s=!,()]+)\s*(==|=|!=)\s*([^\s=!,()]*)$/.exec(term);
    if (comparison) {
        const [, key = "", operator, value] = comparison;
        return operator === "!="
            ? (labels) => labels[key] !== value
            : (labels) => Object.hasOwn(labels, key) && labels[key] === value;
    }
    const existence = /^(!?)([^\s=!,()]+)$/.exec(term);
    if (existence) {
        const [, not, key = ""] = existence;
        return (labels) => Object.hasOwn(labels, key) !== (not === "!");
    }
    return undefined;
}

/**
 * Compiles a label selector: `k`, `!k`, `k=v`, `k==v`, `k!=v`, `k in (a,b)`, `k notin (a,b)`, joined by commas
 * (https://docs.hetzner.cloud/reference/cloud#label-selector). Throws `invalid_input` for the field it came from.
 */
export function compileSelector(selector: string, field = "label_selector"): Test {
    const tests = selector.split(/,(?![^(]*\))/).map((term) => parseTerm(term.trim()));
    if (tests.some((test) => test === undefined))
        throw invalidField(field, "invalid label selector");
    return (labels) => tests.every((test) => test?.(labels) === true);
}

/** Whether labels match; a selector that was stored is valid. */
export function matchesSelector(selector: string, labels: Labels): boolean {
    try {
        return compileSelector(selector)(labels);
    } catch (error) {
        if (error instanceof ApiError) return false;
        throw error;
    }
}
