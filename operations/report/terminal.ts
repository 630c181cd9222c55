import { styleText } from "node:util";
import type { Prices } from "../cost/prices.ts";
import { headlines } from "./headlines.ts";
import { compareLayers } from "./layers.ts";
import { costText } from "./markdown/stackSections.ts";
import { propertyLines } from "./propertyLines.ts";
import type { ReportedChange, StackReport } from "./stackReport.ts";
import { costSum, SIGNS, verdict } from "./verdict.ts";
import { plainWords } from "./words.ts";

/** Colours of the operations, as in Pulumi's own display. */
const COLOURS = {
    create: "green",
    import: "green",
    update: "yellow",
    replace: "magenta",
    delete: "red",
} as const;

export interface TerminalOptions {
    /** Whether to colour. */
    readonly colour: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** The report for a terminal: verdicts and what matters first, then every change, then the cost. */
export function terminalReport(
    reports: readonly StackReport[],
    prices: Prices,
    { colour }: TerminalOptions,
): string {
    const style = (how: Style, text: string) =>
        colour ? styleText(how, text, { validateStream: false }) : text;
    const verdicts = reports.map((report) => style("bold", `${report.stack}: ${verdict(report)}`));
    const details = reports.flatMap((report) => stackLines(report, prices, style));
    return `${[...verdicts, ...details].join("\n")}\n`;
}

type Styler = (how: Style, text: string) => string;

function stackLines(report: StackReport, prices: Prices, style: Styler): string[] {
    const heading = (text: string) => ["", style("bold", `${report.stack} · ${text}`)];
    const changes = report.changes.toSorted((a, b) => compareLayers(a.layer, b.layer));
    return [
        ...headlines(report).flatMap(({ title, lines }) => [
            ...heading(title),
            ...lines.map((line) => `  ${plainWords(line)}`),
        ]),
        ...(changes.length === 0
            ? []
            : [...heading("Changes"), ...changes.flatMap((change) => changeLines(change, style))]),
        ...((report.cost?.items ?? []).length === 0
            ? []
            : [
                  ...heading(`Cost, net per month by the prices of ${prices.date}`),
                  ...costLines(report),
              ]),
    ];
}

function changeLines(
    { operation, name, type, properties }: ReportedChange,
    style: Styler,
): string[] {
    return [
        `  ${style(COLOURS[operation], `${SIGNS[operation]} ${name}`)} ${style("dim", type)}`,
        ...propertyLines(properties).map((line) => `      ${coloured(line, style)}`),
    ];
}

function coloured(line: string, style: Styler): string {
    if (line.startsWith("+")) return style("green", line);
    if (line.startsWith("-")) return style("red", line);
    return line.startsWith("!") ? style("yellow", line) : line;
}

function costLines({ cost }: StackReport): string[] {
    if (cost === undefined || cost.items.length === 0) return [];
    const rows = [
        ...cost.items.map(
            ({ name, what, before, after }) =>
                [name, costText(before), costText(after), what] as const,
        ),
        ["total", costSum(cost.before), costSum(cost.after), ""] as const,
    ];
    const width = (column: 0 | 1 | 2) => Math.max(...rows.map((row) => row[column].length));
    return rows.map(([name, before, after, what]) =>
        `  ${name.padEnd(width(0))}  ${before.padStart(width(1))}  ${after.padStart(width(2))}  ${what}`.trimEnd(),
    );
}
