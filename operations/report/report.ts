import type { Prices } from "../cost/prices.ts";
import { parseEvents, UnreadableEvents } from "./engineEvents.ts";
import { jsonReport } from "./json.ts";
import { markdownReport } from "./markdown/report.ts";
import { readDrift } from "./readDrift.ts";
import { compare, readPlan } from "./readPlan.ts";
import { stackReport } from "./stackReport.ts";
import type { StackReport } from "./stackReport.ts";
import { terminalReport } from "./terminal.ts";

/** Forms of the report. */
export const FORMATS = ["markdown", "json", "terminal"] as const;

export type Format = (typeof FORMATS)[number];

/** A log of engine events. */
export interface EventLog {
    /** What it is called in an error. */
    readonly source: string;
    readonly text: string;
}

/** What a report is made of. */
export interface ReportSources {
    /** Logs of `pulumi preview --event-log`, one for each stack. */
    readonly events: readonly EventLog[];
    /** Logs of `pulumi refresh --preview-only --event-log`, at most one for each of these stacks. */
    readonly drift: readonly EventLog[];
}

/** What the logs say, before it is put into a form. */
export interface Report {
    readonly stacks: readonly StackReport[];
    readonly prices: Prices;
}

/**
 * Puts the report together, stacks in order of their names.
 *
 * @throws UnreadableEvents
 */
export function readReport({ events, drift }: ReportSources, prices: Prices): Report {
    const plans = events.map(({ source, text }) => readPlan(parseEvents(text, source), source));
    const looks = drift.map(({ source, text }) => readDrift(parseEvents(text, source), source));
    const drifts = looks.filter((look) => look !== undefined);
    // The log of an empty stack doesn't say whose it is: it is clear only beside a single preview.
    const [only] = plans;
    if (only && plans.length === 1 && looks.length === 1 && drifts.length === 0)
        drifts.push({ ...only, resources: [] });
    for (const { stack } of plans)
        if (plans.filter((other) => other.stack === stack).length > 1)
            throw new UnreadableEvents(
                `two of the logs are of the stack ${stack}: expected one for each`,
            );
    const lost = drifts.find(({ stack }) => !plans.some((plan) => plan.stack === stack));
    if (lost)
        throw new UnreadableEvents(
            `there is a log of drift of the stack ${lost.stack}, but none of its preview`,
        );
    const stacks = plans
        .sort((a, b) => compare(a.stack, b.stack))
        .map((plan) =>
            stackReport(
                plan,
                drifts.find(({ stack }) => stack === plan.stack),
                prices,
            ),
        );
    return { stacks, prices };
}

/** The report in one of its forms. */
export function render({ stacks, prices }: Report, format: Format, colour = false): string {
    switch (format) {
        case "markdown":
            return markdownReport(stacks, prices);
        case "json":
            return jsonReport(stacks, prices);
        case "terminal":
            return terminalReport(stacks, prices, { colour });
    }
}
