import { formatAmount } from "../cost/money.ts";
import type { CostSum, PlanCost } from "../cost/planCost.ts";
import type { StackReport } from "./stackReport.ts";

/** Signs of the operations, as in Pulumi's own display. */
export const SIGNS = { create: "+", update: "~", replace: "±", delete: "-", import: "=" } as const;

/** What a plan comes to, on one line and without the stack's name: `+3 ~2 ±1 -0 · €16.40 → €22.10/mo · policies 14/14 · drift none`. */
export function verdict(report: StackReport): string {
    return [
        ...outcome(report),
        counts(report),
        report.cost === undefined ? "cost not known" : costLine(report.cost),
        policies(report),
        drift(report),
    ].join(" · ");
}

function outcome({ outcome: ended, policies: results }: StackReport): string[] {
    if (ended === "failed") return ["PREVIEW FAILED"];
    if (ended === "incomplete") return ["PREVIEW INCOMPLETE"];
    const stopped = results?.violations.some(({ mandatory }) => mandatory) === true;
    return stopped ? ["STOPPED BY POLICY"] : [];
}

function counts({
    counts: { create, update, replace, delete: deleted, import: imported },
}: StackReport) {
    if (create + update + replace + deleted + imported === 0) return "no changes";
    const imports = imported === 0 ? "" : ` =${imported}`;
    return `+${create} ~${update} ±${replace} -${deleted}${imports}`;
}

/** For example `€16.40 → €22.10/mo`. What no price is known of is counted, not guessed. */
export function costLine({ before, after }: PlanCost): string {
    const [was, is] = [costSum(before), costSum(after)];
    return was === is ? `${is}/mo, unchanged` : `${was} → ${is}/mo`;
}

/** For example `€16.40 + 2 unknown`. */
export function costSum({ amount, unknown }: CostSum): string {
    return `${formatAmount(amount)}${unknown === 0 ? "" : ` + ${unknown} unknown`}`;
}

function policies({ policies: results }: StackReport): string {
    if (results === undefined) return "policies not run";
    const { passed, total, violations } = results;
    const advised = violations.filter(({ mandatory }) => !mandatory).length;
    return `policies ${passed}/${total}${advised === 0 ? "" : ` (${advised} advice)`}`;
}

function drift({ drift: found }: StackReport): string {
    if (found === undefined) return "drift not checked";
    return found.length === 0 ? "drift none" : `drift in ${found.length}`;
}
