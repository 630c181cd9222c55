import type { Plan, PlannedResource } from "../report/plan.ts";
import { isUnknown } from "../report/secretValues.ts";
import type { Amount } from "./money.ts";
import type { Prices } from "./prices.ts";
import { resourceCost } from "./resourceCost.ts";
import type { ResourceCost } from "./resourceCost.ts";

/** Cost of one thing before and after the plan, per month and net. */
export interface CostItem {
    readonly name: string;
    /** What is paid for, before and after; one text where it stays the same thing. */
    readonly what: string;
    /** `unknown` where the price is; absent where there is nothing to pay for. */
    readonly before?: Amount | "unknown";
    readonly after?: Amount | "unknown";
    readonly unverified: boolean;
}

/** Sum of known prices, and how many are missing from it. */
export interface CostSum {
    readonly amount: Amount;
    readonly unknown: number;
}

/** Net cost of a stack per month before and after a plan. */
export interface PlanCost {
    readonly before: CostSum;
    readonly after: CostSum;
    /** Everything that costs something, in order of names. */
    readonly items: readonly CostItem[];
}

/** What a plan does to the monthly cost at Hetzner. */
export function planCost({ resources }: Plan, prices: Prices): PlanCost {
    const items = resources
        .flatMap((resource) => costItems(resource, prices))
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    return {
        before: sum(items.map((item) => item.before)),
        after: sum(items.map((item) => item.after)),
        items,
    };
}

function costItems(resource: PlannedResource, prices: Prices): CostItem[] {
    const { type, name, operation, before, after } = resource;
    // A resource that is only read belongs to another stack, which pays for it.
    if (operation === "read" || before?.external === true || after?.external === true) return [];
    const was = cost(type, before?.inputs, prices);
    const is = operation === "delete" ? [] : cost(type, after?.inputs, prices);
    return Array.from({ length: Math.max(was.length, is.length) }, (_, at) =>
        costItem(name, was[at], is[at]),
    );
}

function cost(
    type: string,
    inputs: Readonly<Record<string, unknown>> | null | undefined,
    prices: Prices,
): ResourceCost[] {
    if (!inputs) return [];
    const known = Object.fromEntries(
        Object.entries(inputs).filter(([, value]) => !isUnknown(value)),
    );
    return resourceCost(type, known, prices);
}

function costItem(
    name: string,
    was: ResourceCost | undefined,
    is: ResourceCost | undefined,
): CostItem {
    const whats = new Set([was, is].flatMap((one) => one?.what ?? []));
    return {
        name,
        what: [...whats].join(" → "),
        ...(was && { before: was.amount ?? "unknown" }),
        ...(is && { after: is.amount ?? "unknown" }),
        unverified: was?.unverified === true || is?.unverified === true,
    };
}

function sum(amounts: readonly (Amount | "unknown" | undefined)[]): CostSum {
    const known = amounts.filter((amount) => typeof amount === "number");
    return {
        amount: known.reduce((total, amount) => total + amount, 0),
        unknown: amounts.filter((amount) => amount === "unknown").length,
    };
}
