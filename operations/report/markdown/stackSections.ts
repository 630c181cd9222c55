import { formatAmount } from "../../cost/money.ts";
import type { Amount } from "../../cost/money.ts";
import type { CostItem, PlanCost } from "../../cost/planCost.ts";
import type { Prices } from "../../cost/prices.ts";
import { RISKS } from "../headlines.ts";
import { compareLayers, layerGraph, mermaidLines } from "../layers.ts";
import { propertyLines } from "../propertyLines.ts";
import type { ReportedChange, StackReport } from "../stackReport.ts";
import { costLine, costSum, SIGNS } from "../verdict.ts";
import { code, codeCell, fenced, sentence } from "./escape.ts";
import { plural } from "./sections.ts";
import type { Section } from "./sections.ts";

/** Lines of a change's middle form. */
const SHORT = 6;

/** Lines of a change's longest form. */
const LONG = 60;

/** The folded parts of a stack's report, in order; parts without content are left out. */
export function stackSections(report: StackReport, prices: Prices): Section[] {
    return [
        changes(report),
        risks(report),
        cost(report, prices),
        layers(report),
        policies(report),
        drift(report),
        messages(report),
    ].filter((section) => section !== undefined);
}

function changes(report: StackReport): Section | undefined {
    const sorted = report.changes.toSorted((a, b) => compareLayers(a.layer, b.layer));
    return section(`Changes: ${plural(sorted.length, "resource")}`, "change", {
        entries: sorted.map((change) => ({
            forms: changeForms(change),
            rank: RANKS[change.operation],
            group: code(change.layer),
        })),
    });
}

/** What is lost is the last to be left out. */
const RANKS = { delete: 0, replace: 0, update: 1, import: 2, create: 2 } as const;

function changeForms({ operation, name, type, properties }: ReportedChange): string[] {
    const heading = `${code(SIGNS[operation])} ${code(name)} ${code(type)}`;
    const lines = propertyLines(properties);
    if (lines.length === 0) return [heading];
    const form = (count: number) => {
        const rest = lines.length - count;
        const more = rest > 0 ? `\n\n… and ${plural(rest, "line")} more` : "";
        return `${heading}\n\n${fenced("diff", lines.slice(0, count))}${more}`;
    };
    return [heading, ...(lines.length > SHORT ? [form(SHORT)] : []), form(LONG)];
}

function risks(report: StackReport): Section | undefined {
    return section(`Risks: ${report.risks.length}`, "risk", {
        repeats: RISKS,
        separator: "\n",
        entries: report.risks.map(({ kind, text }) => ({
            forms: [`- **${kind}**: ${sentence(text)}`],
            rank: 0,
        })),
    });
}

function cost({ cost: planned }: StackReport, prices: Prices): Section | undefined {
    if (planned === undefined) return undefined;
    const unverified = planned.items.some((item) => item.unverified);
    return section(`Cost: ${costLine(planned)}`, "price", {
        before: "| Resource | Pays for | before | after |\n| --- | --- | ---: | ---: |\n",
        separator: "\n",
        entries: [
            ...planned.items.map((item) => ({ forms: [costRow(item)], rank: 1 })),
            ...(planned.items.length === 0 ? [] : [{ forms: [totalRow(planned)], rank: 0 }]),
        ],
        after: [
            `Net per month, by the prices of ${prices.date} (${code(prices.source)}). Not in it: VAT, traffic beyond what is included, volumes that are made from inside the cluster.`,
            ...(unverified ? ["The price marked * was reported, but not seen at Hetzner."] : []),
        ].join(" "),
    });
}

function costRow({ name, what, before, after, unverified }: CostItem): string {
    const mark = unverified ? " *" : "";
    return `| ${codeCell(name)} | ${codeCell(what)}${mark} | ${costText(before)} | ${costText(after)} |`;
}

function totalRow({ before, after }: PlanCost): string {
    return `| **Total** | | **${costSum(before)}** | **${costSum(after)}** |`;
}

/** For example `€5.49`; nothing where there is nothing to pay for. */
export function costText(amount: Amount | "unknown" | undefined): string {
    if (amount === undefined) return "";
    return amount === "unknown" ? "unknown" : formatAmount(amount);
}

function layers(report: StackReport): Section | undefined {
    if (report.changes.length === 0) return undefined;
    const graph = layerGraph(report.changes);
    return section(`Changed layers: ${graph.layers.length}`, "graph", {
        entries: [{ forms: [fenced("mermaid", mermaidLines(graph))], rank: 1 }],
    });
}

function policies({ policies: results }: StackReport): Section | undefined {
    if (!results) return undefined;
    return section(`Policies: ${results.passed} of ${results.total} hold`, "violation", {
        separator: "\n",
        entries: results.violations.map(({ policy, mandatory, resource, message }) => ({
            forms: [
                `- ${code(policy)}${mandatory ? "" : " (advice)"} ${code(resource)}: ${code(message)}`,
            ],
            rank: 0,
        })),
    });
}

function drift({ drift: found = [] }: StackReport): Section | undefined {
    return section(`Drift: ${plural(found.length, "resource")}`, "drifted resource", {
        entries: found.map(({ name, type, gone, properties }) => {
            const heading = `${gone ? "gone:" : code(SIGNS.update)} ${code(name)} ${code(type)}`;
            const lines = propertyLines(properties).slice(0, LONG);
            return {
                forms: [
                    heading,
                    ...(lines.length === 0 ? [] : [`${heading}\n\n${fenced("diff", lines)}`]),
                ],
                rank: 0,
            };
        }),
    });
}

function messages({ diagnostics }: StackReport): Section | undefined {
    return section(`Messages: ${diagnostics.length}`, "message", {
        separator: "\n",
        entries: diagnostics.map(({ severity, resource, message }) => ({
            forms: [
                `- ${severity}${resource === "" ? "" : ` ${code(resource)}`}: ${code(message)}`,
            ],
            rank: severity === "error" ? 0 : 2,
        })),
    });
}

function section(
    title: string,
    noun: string,
    rest: Omit<Section, "title" | "noun">,
): Section | undefined {
    return rest.entries.length === 0 ? undefined : { title, noun, ...rest };
}
