import type { Prices } from "../../cost/prices.ts";
import { layerGraph } from "../layers.ts";
import { headlines } from "../headlines.ts";
import type { StackReport } from "../stackReport.ts";
import { verdict } from "../verdict.ts";
import { words } from "../words.ts";
import type { Words } from "../words.ts";
import { code, folded, htmlCode, sentence } from "./escape.ts";
import { fit, leftOut, sectionBody } from "./sections.ts";
import type { Section } from "./sections.ts";
import { stackSections } from "./stackSections.ts";

/** What a comment at GitHub may hold. */
export const CHARACTER_LIMIT = 65_536;

/** Lines before anything is unfolded. */
export const FIRST_SCREEN = 25;

/** Stacks that get a verdict and a fold of their own on the first screen. */
const STACKS = 6;

/** Room for the sentence about what was left out. */
const LEFT_OUT = 400;

/** The line by which a comment is found again: invisible, and the first of the report. */
export function marker(stacks: readonly string[]): string {
    const names = [...stacks].sort().map((stack) => stack.replaceAll(/[^\w.-]/g, "_"));
    return `<!-- sovereign-report: ${names.join(",")} -->`;
}

/**
 * The report of one or several stacks as GitHub's Markdown: the same text for the same plan, at most {@link CHARACTER_LIMIT}
 * characters, {@link FIRST_SCREEN} lines before anything is unfolded. What has to be left out is counted in it.
 */
export function markdownReport(reports: readonly StackReport[], prices: Prices): string {
    const possible = reports.map((report) => stackSections(report, prices));
    const { head, complete } = firstScreen(reports, possible);
    const sections = possible.map((ofStack) =>
        ofStack.filter(({ repeats }) => repeats === undefined || !complete.has(repeats)),
    );
    const all = sections.flat();
    const frames = reports.length * 200;
    const choice = fit(all, CHARACTER_LIMIT - head.length - LEFT_OUT - frames);
    const missing = leftOut(all, choice);
    const note =
        missing === undefined
            ? []
            : [
                  `**Left out** to stay within ${CHARACTER_LIMIT} characters: ${missing}. The JSON report has everything.`,
              ];
    let at = 0;
    const bodies = sections.map((ofStack) =>
        ofStack.map((section) => folded(section.title, sectionBody(section, choice[at++] ?? []))),
    );
    return `${[head, ...note, foldedStacks(reports, bodies)].filter((part) => part !== "").join("\n\n")}\n`;
}

function foldedStacks(
    reports: readonly StackReport[],
    bodies: readonly (readonly string[])[],
): string {
    if (reports.length === 1) return bodies.flat().join("\n");
    const stacks = reports.flatMap(({ stack }, at) => {
        const body = bodies[at] ?? [];
        return body.length === 0 ? [] : [folded(htmlCode(stack), body.join("\n"))];
    });
    return stacks.length > STACKS
        ? folded(`${stacks.length} stacks`, stacks.join("\n"))
        : stacks.join("\n");
}

/** Lines of the folds, each of which shows its title. */
function foldLines(sections: readonly (readonly Section[])[]): number {
    if (sections.length === 1) return sections[0]?.length ?? 0;
    const stacks = sections.filter(({ length }) => length > 0).length;
    return stacks > STACKS ? 1 : stacks;
}

/** Whether all of it together is longer than a comment. */
function mayLeaveOut(sections: readonly (readonly Section[])[]): boolean {
    const longest = sections
        .flat()
        .flatMap(({ entries }) => entries)
        .reduce((sum, { forms }) => sum + (forms.at(-1)?.length ?? 0), 0);
    return longest > CHARACTER_LIMIT / 2;
}

interface FirstScreen {
    readonly head: string;
    /** Titles of the headlines of which every line is shown. */
    readonly complete: ReadonlySet<string>;
}

function firstScreen(
    reports: readonly StackReport[],
    sections: readonly (readonly Section[])[],
): FirstScreen {
    const verdicts = verdictLines(reports);
    const groups = combinedHeadlines(reports);
    // Mark, verdicts, a title for each group, folds; an empty line after verdicts, groups and the note about what is left out.
    const note = mayLeaveOut(sections) ? 2 : 0;
    const taken =
        1 +
        verdicts.length +
        1 +
        groups.length +
        (groups.length > 0 ? 1 : 0) +
        note +
        foldLines(sections);
    const places = allocate(
        groups.map(({ lines }) => lines.length),
        FIRST_SCREEN - taken,
    );
    const blocks = groups.map(({ title, lines, rest }, at) => {
        const place = places[at] ?? 0;
        const shown = lines.length <= place ? lines : lines.slice(0, place - 1);
        const more = lines.length - shown.length;
        return [
            `- **${title}**`,
            ...shown.map((line) => `  - ${sentence(line)}`),
            ...(more > 0 ? [`  - … and ${more} more, ${rest}`] : []),
        ].join("\n");
    });
    const mark = marker(reports.map(({ stack }) => stack));
    return {
        head: [[mark, ...verdicts].join("\n"), blocks.join("\n")]
            .filter((part) => part !== "")
            .join("\n\n"),
        complete: new Set(
            groups
                .filter(({ lines }, at) => lines.length <= (places[at] ?? 0))
                .map(({ title }) => title),
        ),
    };
}

function verdictLines(reports: readonly StackReport[]): string[] {
    const line = (report: StackReport) => `**${stackName(report)}: ${verdict(report)}**`;
    const [only] = reports;
    if (only && reports.length === 1) return [line(only), ...layerLine(only)];
    const shown = reports.length <= STACKS ? reports : reports.slice(0, STACKS - 1);
    const more = reports.length - shown.length;
    return [
        ...shown.map((report) => `- ${line(report)}`),
        ...(more > 0 ? [`- … and ${more} more stacks, below`] : []),
    ];
}

/** Where in the program something changes, on one line. */
function layerLine({ changes }: StackReport): string[] {
    const { layers } = layerGraph(changes);
    if (layers.length === 0) return [];
    const counts = layers.map((layer) => `${code(layer.name)} ${layer.counts}`);
    return ["", `Changed: ${counts.join(" · ")}`];
}

function stackName({ stack }: StackReport): string {
    return /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(stack) ? stack : code(stack);
}

/** The headlines of all stacks under common titles; of several stacks each line says of which it is. */
function combinedHeadlines(reports: readonly StackReport[]) {
    const combined = new Map<string, { title: string; lines: Words[]; rest: string }>();
    for (const report of reports)
        for (const { title, lines, rest } of headlines(report)) {
            const group = combined.get(title) ?? { title, lines: [], rest };
            combined.set(title, group);
            group.lines.push(
                ...lines.map((line) =>
                    reports.length === 1 ? line : [...words`${report.stack} `, ...line],
                ),
            );
        }
    return [...combined.values()];
}

/** Shares places among groups: none gets more than it needs, all get about the same, each at least one. */
function allocate(needs: readonly number[], places: number): number[] {
    const given = needs.map(() => 1);
    let left = places - needs.length;
    for (let progress = true; left > 0 && progress;) {
        progress = false;
        needs.forEach((need, at) => {
            if (left <= 0 || (given[at] ?? 0) >= need) return;
            given[at] = (given[at] ?? 0) + 1;
            left--;
            progress = true;
        });
    }
    return given;
}
