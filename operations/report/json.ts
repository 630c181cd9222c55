import { formatAmount } from "../cost/money.ts";
import type { Amount } from "../cost/money.ts";
import type { PlanCost } from "../cost/planCost.ts";
import type { Prices } from "../cost/prices.ts";
import type { StackReport } from "./stackReport.ts";
import { verdict } from "./verdict.ts";
import { plainWords } from "./words.ts";

/** Version of the form of the JSON report; raised when something that readers rely on changes. */
export const REPORT_VERSION = 1;

/** The whole report as JSON, nothing left out; the same text for the same plan. Amounts are decimal strings in EUR. */
export function jsonReport(reports: readonly StackReport[], prices: Prices): string {
    const report = {
        version: REPORT_VERSION,
        prices: { source: prices.source, date: prices.date, currency: prices.currency, net: true },
        stacks: reports.map((stack) => ({
            ...stack,
            verdict: verdict(stack),
            policies: stack.policies ?? null,
            drift: stack.drift ?? null,
            risks: stack.risks.map(({ kind, text }) => ({ kind, text: plainWords(text) })),
            cost: stack.cost === undefined ? null : costJson(stack.cost),
        })),
    };
    return `${JSON.stringify(report, null, 2)}\n`;
}

function costJson({ before, after, items }: PlanCost) {
    return {
        before: { ...before, amount: euros(before.amount) },
        after: { ...after, amount: euros(after.amount) },
        items: items.map(({ before: was, after: is, ...item }) => ({
            ...item,
            before: euros(was) ?? null,
            after: euros(is) ?? null,
        })),
    };
}

function euros(amount: Amount | "unknown" | undefined): string | undefined {
    return typeof amount === "number" ? formatAmount(amount).replace("€", "") : amount;
}
