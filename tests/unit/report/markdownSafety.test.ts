/**
 * Proves that no value of a plan can break out of the report's Markdown, ping anyone or show a secret, whatever it holds and wherever it
 * stands: properties over generated plans, in every form of the report. It does not prove what GitHub's own renderer does.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readPrices } from "../../../operations/cost/prices.ts";
import { code, codeCell, fenced, html } from "../../../operations/report/markdown/escape.ts";
import { CHARACTER_LIMIT, FIRST_SCREEN } from "../../../operations/report/markdown/report.ts";
import { FORMATS, readReport, render } from "../../../operations/report/report.ts";
import { eventLog, secretEnvelope, step } from "./events.ts";
import type { StepSpec } from "./events.ts";

const NASTY = [
    "`",
    "``",
    "```",
    "````",
    "~~~",
    "|",
    "\\|",
    "@omantel",
    "@org/team",
    "#1",
    "<script>alert(1)</script>",
    "</details>",
    "<!-- x -->",
    "-->",
    "\n",
    "\r\n",
    "\u2028",
    "\u202e",
    "\u200b",
    "\u0007",
    "[a](javascript:x)",
    "![](http://x)",
    "&lt;",
    "$x$",
    "\\",
    '"',
    "'",
    "- [ ] ",
    "# h",
    "> q",
    "***",
    "\ud800",
];

const text = fc
    .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: "grapheme", maxLength: 8 })), {
        maxLength: 12,
    })
    .map((parts) => parts.join(""));

/** What is left of a Markdown text when its code, where nothing is markup, is taken out as CommonMark does. */
function withoutCode(markdown: string): string {
    const lines: string[] = [];
    let fence: string | undefined;
    for (const line of markdown.split("\n")) {
        const run = /^`{3,}/.exec(line)?.[0];
        if (fence === undefined && run !== undefined && !line.slice(run.length).includes("`"))
            fence = run;
        else if (fence === undefined) lines.push(withoutSpans(line));
        else if (run !== undefined && run.length >= fence.length && line === run) fence = undefined;
    }
    assert.equal(fence, undefined, "a block of code is never closed");
    return lines.join("\n");
}

/** Code spans: a run of backticks up to the next run of the same length. */
function withoutSpans(line: string): string {
    const runs = [...line.matchAll(/`+/g)];
    let plain = "";
    let from = 0;
    for (let at = 0; at < runs.length; at++) {
        const open = runs[at];
        if (open === undefined || open.index < from) continue;
        const close = runs.slice(at + 1).find(([run]) => run === open[0]);
        assert.ok(close, `a code span is never closed: ${line}`);
        plain += line.slice(from, open.index);
        from = close.index + close[0].length;
    }
    return plain + line.slice(from);
}

/** The report's own words and marks; what is outside of code may hold nothing else. */
const OWN = /^[\w\s.,:;·→±~+\-=€*#|()/'…<>!&"%]*$/u;

const spec: fc.Arbitrary<StepSpec> = fc.record({
    op: fc.constantFrom("create", "update", "delete", "replace"),
    type: fc.constantFrom(
        "hcloud:index/rdns:Rdns",
        "hcloud:index/server:Server",
        "hcloud:index/primaryIp:PrimaryIp",
        "sovereign:dns:RecordSet",
        "kubernetes:helm.sh/v3:Release",
    ),
    name: text,
    keys: fc.array(fc.constantFrom("name", "dnsPtr", "values"), { maxLength: 2 }),
    before: fc.dictionary(text, fc.oneof(text, fc.array(text), fc.integer())),
    after: fc.dictionary(text, fc.oneof(text, fc.array(text), fc.integer())),
});

function reportOf(specs: readonly StepSpec[], messages: readonly string[] = []) {
    const source = "a plan";
    return readReport(
        { events: [{ source, text: eventLog(specs.map(step), messages) }], drift: [] },
        readPrices(),
    );
}

/** Milliseconds for a property over many large plans. */
const PATIENCE = 60_000;

describe("Markdown of a report", function () {
    this.timeout(PATIENCE);

    it("keeps every value inside its code span", () => {
        fc.assert(
            fc.property(
                text.filter((t) => !/[\n\r]/.test(t)),
                (value) => {
                    assert.equal(withoutSpans(`a ${code(value)} b`), "a  b");
                    assert.equal(withoutSpans(codeCell(value)), "");
                    assert.doesNotMatch(codeCell(value).replaceAll("\\|", ""), /\|/);
                },
            ),
        );
    });

    it("keeps every line inside its block", () => {
        fc.assert(
            fc.property(fc.array(text.map((t) => t.replaceAll(/[\n\r]/g, " "))), (lines) => {
                assert.equal(withoutCode(`a\n${fenced("diff", lines)}\nb`), "a\nb");
            }),
        );
    });

    it("leaves no HTML of a value", () => {
        assert.equal(html(`<b a="1">&`), "&lt;b a=&quot;1&quot;&gt;&amp;");
    });

    it("holds nothing outside of code but its own words, whatever the plan", () => {
        fc.assert(
            fc.property(fc.array(spec, { minLength: 1, maxLength: 5 }), text, (specs, message) => {
                const markdown = render(reportOf(specs, [message]), "markdown");
                const plain = withoutCode(markdown).replaceAll(
                    /<\/?(?:details|summary|code)>/g,
                    "",
                );
                assert.match(plain.replace(/^<!-- sovereign-report: [\w.,-]+ -->/, ""), OWN);
                assert.doesNotMatch(plain, /@|\bscript\b|\]\(/);
            }),
            { numRuns: 200 },
        );
    });

    it("is the same for the same plan, in whatever order its events came", () => {
        fc.assert(
            fc.property(fc.array(spec, { minLength: 1, maxLength: 5 }), (specs) => {
                const named = specs.map((one, at) => ({ ...one, name: `r${at}` }));
                for (const format of FORMATS)
                    assert.equal(
                        render(reportOf(named), format),
                        render(reportOf(named.toReversed()), format),
                    );
            }),
            { numRuns: 50 },
        );
    });

    it("fits a comment and its first screen, however long its values", () => {
        fc.assert(
            fc.property(fc.array(spec, { minLength: 200, maxLength: 600 }), (specs) => {
                const named = specs.map((one, at) => ({ ...one, name: `${one.name}${at}` }));
                const markdown = render(reportOf(named), "markdown");
                assert.ok(markdown.length <= CHARACTER_LIMIT, String(markdown.length));
                const folded = markdown.indexOf("<details>");
                assert.ok(markdown.slice(0, folded).split("\n").length <= FIRST_SCREEN);
            }),
            { numRuns: 5 },
        );
    });
});

const planted = fc.string({
    unit: fc.constantFrom("a", "k", "z", "7", "3", "q", "m", "x", "0", "9"),
    minLength: 12,
    maxLength: 40,
});

describe("secrets in a plan", function () {
    this.timeout(PATIENCE);

    it("appear in no form of the report, wherever they stand", () => {
        fc.assert(
            fc.property(
                planted,
                planted,
                planted,
                fc.constantFrom("create", "update", "replace", "delete"),
                (marked, named, other, op) => {
                    fc.pre(new Set([marked, named, other]).size === 3);
                    const properties = (secret: string) => ({
                        values: {
                            smtp: { pass: secretEnvelope(secret), url: `smtp://relay/${secret}` },
                        },
                        stringData: secretEnvelope({ "smtp-pass": secret }),
                        list: [secretEnvelope(secret), { token: named }],
                        both: [secretEnvelope(marked), secretEnvelope(other)],
                        apiToken: named,
                        text: `one\ntwo ${secret}\n${Buffer.from(secret).toString("base64")}`,
                        [`key-${secret}`]: "value",
                    });
                    const report = reportOf(
                        [
                            {
                                op,
                                type: "kubernetes:helm.sh/v3:Release",
                                name: `release-${marked}`,
                                keys: ["values"],
                                before: properties(marked),
                                after: properties(other),
                            },
                            {
                                op,
                                type: "hcloud:index/rdns:Rdns",
                                name: "ptr",
                                keys: [],
                                before: { dnsPtr: marked, ipAddress: "192.0.2.1" },
                                after: { dnsPtr: other, ipAddress: "192.0.2.1" },
                            },
                        ],
                        [`failed with ${marked} and ${other}`],
                    );
                    for (const format of FORMATS) {
                        const shown = render(report, format);
                        for (const secret of [marked, other, named]) {
                            assert.equal(shown.includes(secret), false, `${format} shows a secret`);
                            assert.equal(
                                shown.includes(Buffer.from(secret).toString("base64")),
                                false,
                            );
                        }
                    }
                },
            ),
            { numRuns: 200 },
        );
    });

    it("are told by their form where nothing marks them", () => {
        const secrets = [
            "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIA\n-----END EC PRIVATE KEY-----",
            `K10${"a".repeat(64)}::server:hunter2`,
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        ];
        const report = reportOf([
            {
                op: "create",
                type: "kubernetes:core/v1:ConfigMap",
                name: "config",
                keys: [],
                before: {},
                after: {
                    data: {
                        a: secrets[0],
                        b: secrets[1],
                        c: secrets[2],
                        d: "postgres://user:hunter2@db/x",
                    },
                },
            },
        ]);
        for (const format of FORMATS)
            assert.doesNotMatch(render(report, format), /MHcCAQEEIA|hunter2|dozjgNryP4J3/);
    });
});
