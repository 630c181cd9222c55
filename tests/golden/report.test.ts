/**
 * Proves what reviewers read: the report of each recorded preview is, byte for byte, the one on record, fits a comment and shows what
 * matters on its first screen. The logs are the real engine's, of the lab, thinned by `thinEvents`. It does not prove how GitHub renders them. `UPDATE_GOLDEN=1` rewrites the reports; in CI that is refused.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPrices } from "../../operations/cost/prices.ts";
import { CHARACTER_LIMIT, FIRST_SCREEN } from "../../operations/report/markdown/report.ts";
import { FORMATS, readReport, render } from "../../operations/report/report.ts";
import type { Format, Report } from "../../operations/report/report.ts";
import { multiplyEvents } from "../support/multiplyEvents.ts";

const DIRECTORY = join(import.meta.dirname, "reports");

const EXTENSIONS = { markdown: "md", json: "json", terminal: "txt" } as const;

/** A report on record, by the logs it is of. */
interface Recorded {
    readonly events: string;
    readonly drift?: string;
    /** Whether only the Markdown is on record, because the other forms are long. */
    readonly long?: true;
}

const REPORTS: Readonly<Record<string, Recorded>> = {
    "first-preview": { events: "first-preview", long: true },
    "no-op": { events: "no-op", drift: "no-drift" },
    drift: { events: "no-op", drift: "drift" },
    "ptr-change": { events: "ptr-change", drift: "drift" },
    "server-replacement": { events: "server-replacement", drift: "no-drift" },
    "larger-cluster": { events: "larger-cluster", drift: "no-drift" },
    "dkim-rotation": { events: "dkim-rotation", drift: "no-drift" },
    "zone-deletion": { events: "zone-deletion", long: true },
    "policy-violation": { events: "policy-violation" },
    refused: { events: "refused" },
};

const formatsOf = ({ long }: Recorded): readonly Format[] => (long ? ["markdown"] : FORMATS);

function recorded(name: string): string {
    return readFileSync(join(DIRECTORY, "recorded", `${name}.jsonl`), "utf8");
}

function log(name: string) {
    return { source: name, text: recorded(name) };
}

/** 500 changes of every kind. */
function fiveHundred(): Report {
    const logs = ["first-preview", "server-replacement", "dkim-rotation", "zone-deletion"];
    const text = multiplyEvents(logs.map(recorded), 500);
    return readReport({ events: [{ source: "500 changes", text }], drift: [] }, readPrices());
}

function matchesRecord(name: string, report: Report, formats: readonly Format[] = FORMATS): void {
    for (const format of formats) {
        const file = join(DIRECTORY, "expected", `${name}.${EXTENSIONS[format]}`);
        const actual = render(report, format);
        if (process.env.UPDATE_GOLDEN === "1") {
            assert.notEqual(process.env.CI, "true", "records are rewritten by people, not in CI");
            writeFileSync(file, actual);
            continue;
        }
        assert.ok(existsSync(file), `${file} is missing; write it with UPDATE_GOLDEN=1`);
        assert.equal(actual, readFileSync(file, "utf8"));
    }
}

/** Lines that are seen before anything is unfolded. */
function firstScreen(markdown: string): number {
    let depth = 0;
    let lines = 0;
    for (const line of markdown.trimEnd().split("\n")) {
        if (depth === 0) lines++;
        depth +=
            (line.match(/<details>/g) ?? []).length - (line.match(/<\/details>/g) ?? []).length;
    }
    // A line that ends a fold may begin the next one, which is counted with it.
    return lines;
}

function fits(report: Report): void {
    const markdown = render(report, "markdown");
    assert.ok(markdown.length <= CHARACTER_LIMIT, `${markdown.length} characters`);
    assert.ok(firstScreen(markdown) <= FIRST_SCREEN, `${firstScreen(markdown)} lines`);
}

describe("golden report", () => {
    for (const [name, recordedReport] of Object.entries(REPORTS))
        it(`of ${name} is as recorded, and fits`, () => {
            const { events, drift } = recordedReport;
            const report = readReport(
                { events: [log(events)], drift: drift === undefined ? [] : [log(drift)] },
                readPrices(),
            );
            matchesRecord(name, report, formatsOf(recordedReport));
            fits(report);
        });

    it("of 500 changes is as recorded, fits, and says what is left out", () => {
        const report = fiveHundred();
        matchesRecord("500-changes", report, ["markdown"]);
        fits(report);
        assert.match(
            render(report, "markdown"),
            /^\*\*Left out\*\* to stay within 65536 characters: .*change/m,
        );
    });

    it("of several stacks has a verdict for each", () => {
        const events = ["omantel", "bankdhofar", "openova"].map((stack, at) => ({
            source: stack,
            text: recorded(["ptr-change", "server-replacement", "no-op"][at] ?? "").replaceAll(
                "urn:pulumi:dev::",
                `urn:pulumi:${stack}::`,
            ),
        }));
        const report = readReport({ events, drift: [] }, readPrices());
        matchesRecord("three-stacks", report, ["markdown"]);
        fits(report);
    });

    it("has a report for every record", () => {
        const files = Object.entries(REPORTS).flatMap(([name, report]) =>
            formatsOf(report).map((format) => `${name}.${EXTENSIONS[format]}`),
        );
        assert.deepEqual(
            readdirSync(join(DIRECTORY, "expected")).sort(),
            [...files, "500-changes.md", "three-stacks.md"].sort(),
        );
    });
});
