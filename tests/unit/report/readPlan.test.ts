/**
 * Proves what is read out of a log of engine events: operations, verdicts, policies, failures; and the exact words for logs that are none.
 * It does not prove that the engine writes them so: `tests/golden/report.test.ts` reads real ones.
 */
import assert from "node:assert/strict";
import { readPrices } from "../../../operations/cost/prices.ts";
import { parseEvents, UnreadableEvents } from "../../../operations/report/engineEvents.ts";
import { readReport, render } from "../../../operations/report/report.ts";
import { verdict } from "../../../operations/report/verdict.ts";
import { eventLog, step } from "./events.ts";
import type { StepSpec } from "./events.ts";

const spec = (op: string, name: string): StepSpec => ({
    op,
    type: "hcloud:index/network:Network",
    name,
});

function reports(text: string, drift?: string) {
    return readReport(
        {
            events: [{ source: "preview.jsonl", text }],
            drift: drift === undefined ? [] : [{ source: "refresh.jsonl", text: drift }],
        },
        readPrices(),
    );
}

function verdictOf(text: string): string {
    const [report] = reports(text).stacks;
    assert.ok(report);
    return verdict(report);
}

const refused = (text: string, message: string) => {
    assert.throws(
        () => reports(text),
        (error) => {
            assert.ok(error instanceof UnreadableEvents);
            assert.equal(error.message, message);
            return true;
        },
    );
};

const policies = (passed: readonly string[], failed: readonly string[]) => ({
    policyAnalyzeSummaryEvent: { resourceUrn: "u", policyPackName: "sovereign", passed, failed },
});

const violation = (policyName: string, enforcementLevel: string) => ({
    policyEvent: {
        resourceUrn: "urn:pulumi:omantel::sovereign::sovereign:dns:RecordSet::dmarc",
        message: "DMARC is missing",
        policyName,
        policyPackName: "sovereign",
        enforcementLevel,
    },
});

describe("the verdict on a plan", () => {
    it("counts a replacement once, whatever steps it takes", () => {
        const steps = [
            ...["delete-replaced", "replace", "create-replacement"].map((op) =>
                step(spec(op, "a")),
            ),
            step(spec("create", "b")),
            step(spec("update", "c")),
            step(spec("delete", "d")),
            step(spec("same", "e")),
        ];
        assert.equal(
            verdictOf(eventLog(steps)),
            "+1 ~1 ±1 -1 · €0.00/mo, unchanged · policies not run · drift not checked",
        );
    });

    it("leaves out components, default providers and the stack", () => {
        const component = step({ ...spec("create", "a"), type: "sovereign:cloud:Cloud" });
        const { resourcePreEvent } = component as {
            resourcePreEvent: { metadata: { new: { custom: boolean } } };
        };
        resourcePreEvent.metadata.new.custom = false;
        const provider = step({
            ...spec("create", "default_1_41_0"),
            type: "pulumi:providers:hcloud",
        });
        assert.match(verdictOf(eventLog([component, provider])), /^no changes · /);
    });

    it("tells how many policies hold, each counted once", () => {
        const events = [
            step(spec("create", "a")),
            policies(["dmarc-present", "ports-closed"], []),
            policies(["ports-closed"], ["spf-within-limits"]),
            violation("spf-within-limits", "mandatory"),
        ];
        assert.match(verdictOf(eventLog(events)), / · policies 2\/3 · /);
        assert.match(
            verdictOf(eventLog([step(spec("create", "a")), policies(["x"], [])])),
            / policies 1\/1 /,
        );
        const advised = [...events.slice(0, 2), violation("dmarc-present", "advisory")];
        assert.match(verdictOf(eventLog(advised)), / · policies 1\/2 \(1 advice\) · /);
    });

    it("says that a preview failed, why, and gives no price for half a plan", () => {
        const failure = {
            diagnosticEvent: {
                urn: "urn:pulumi:omantel::sovereign::hcloud:index/server:Server::cp1",
                message: "<{%fg 1%}>error: no such type<{%reset%}>\n",
                severity: "error",
            },
        };
        const text = eventLog([step(spec("create", "a")), failure]).replace("succeeded", "failed");
        assert.equal(
            verdictOf(text),
            "PREVIEW FAILED · +1 ~0 ±0 -0 · cost not known · policies not run · drift not checked",
        );
        assert.match(
            render(reports(text), "markdown"),
            /\*\*The preview failed\*\*\n {2}- `cp1`: `error: no such type`/,
        );
    });

    it("is not that it failed where a policy stopped it: the plan is whole, and so is its price", () => {
        const closing = {
            diagnosticEvent: { message: "error: preview failed", severity: "error" },
        };
        const events = [
            step(spec("create", "a")),
            violation("dmarc-present", "mandatory"),
            closing,
        ];
        assert.equal(
            verdictOf(eventLog(events).replace("succeeded", "failed")),
            "STOPPED BY POLICY · +1 ~0 ±0 -0 · €0.00/mo, unchanged · policies 0/1 · drift not checked",
        );
        const alone = eventLog([step(spec("create", "a")), closing]);
        assert.match(verdictOf(alone.replace("succeeded", "failed")), /^PREVIEW FAILED · /);
    });

    it("names the gravest violation first, in the policy's own words", () => {
        const described = (policyName: string, severity: string, message: string) => {
            const { policyEvent } = violation(policyName, "mandatory");
            return {
                policyEvent: {
                    ...policyEvent,
                    severity,
                    message: `What it is about.\n${message}\n`,
                },
            };
        };
        const events = [
            step(spec("create", "a")),
            described("a-low", "low", "little"),
            described("z-critical", "critical", "much"),
        ];
        assert.match(
            render(reports(eventLog(events)), "terminal"),
            /Policies that do not hold\n {2}z-critical dmarc: much\n {2}a-low dmarc: little\n/,
        );
    });

    it("says that the log of a killed preview is incomplete", () => {
        const whole = eventLog([step(spec("create", "a")), step(spec("create", "b"))]);
        const cut = whole.slice(0, whole.indexOf("summaryEvent") - 10);
        assert.match(verdictOf(cut), /^PREVIEW INCOMPLETE · \+2 /);
    });

    it("tells drift by what a refresh found", () => {
        const found = (op: string, name: string, outputs: readonly object[]) => {
            const { resourcePreEvent } = step(spec(op, name)) as {
                resourcePreEvent: { metadata: { old: object; new: object | null } };
            };
            const { metadata } = resourcePreEvent;
            metadata.old = { ...metadata.old, outputs: outputs[0] };
            metadata.new = op === "delete" ? null : { ...metadata.new, outputs: outputs[1] };
            return { resOutputsEvent: resourcePreEvent };
        };
        const drift = eventLog([
            found("same", "a", [{}, { seen: 1 }]),
            found("update", "b", [{ dnsPtr: "a.example" }, { dnsPtr: "b.example" }]),
            found("delete", "c", [{}, {}]),
        ]);
        const report = reports(eventLog([step(spec("same", "a"))]), drift);
        assert.equal(
            render(report, "terminal"),
            `omantel: no changes · €0.00/mo, unchanged · policies not run · drift in 2

omantel · Drift
  b: dnsPtr: "a.example" → "b.example"
  c is gone
`,
        );
    });
});

describe("a look for drift", () => {
    it("finds none in an empty stack, of which the engine says nothing", () => {
        const { stacks } = reports(eventLog([step(spec("create", "a"))]), eventLog([]));
        assert.deepEqual(stacks[0]?.drift, []);
    });

    it("is refused where it did not get to its end", () => {
        const failed = eventLog([]).replace("succeeded", "failed");
        assert.throws(() => reports(eventLog([step(spec("create", "a"))]), failed), {
            message:
                "refresh.jsonl names no stack: the engine ended before it looked at a resource",
        });
    });
});

describe("a log of engine events", () => {
    it("is refused where it is none, without its text", () => {
        refused(
            "secret\n",
            "preview.jsonl, line 1 is not JSON: expected one engine event per line, as `pulumi preview --event-log <file>` writes them",
        );
        refused(
            '{"sequence":"x"}\n',
            "preview.jsonl, line 1 is not an engine event: sequence: Invalid input: expected number, received string",
        );
        refused(
            "",
            "preview.jsonl holds no engine event: expected the file that `pulumi preview --event-log <file>` writes",
        );
    });

    it("is refused where it is of an update, of no stack or of several", () => {
        const update = eventLog([step(spec("create", "a"))]).replace(
            '"isPreview":true',
            '"isPreview":false',
        );
        refused(
            update,
            "preview.jsonl is of an update that was carried out: expected the events of a preview",
        );
        refused(
            eventLog([]),
            "preview.jsonl names no stack: the engine ended before it looked at a resource",
        );
        const other = JSON.stringify(step(spec("create", "b"))).replace(":omantel:", ":openova:");
        refused(
            eventLog([
                step(spec("create", "a")),
                JSON.parse(other) as object as Record<string, unknown>,
            ]),
            "preview.jsonl is of several stacks (omantel, openova): expected one file for each",
        );
    });

    it("is read although its last line was cut off", () => {
        assert.equal(parseEvents('{"sequence":1}\n{"sequen', "x").length, 1);
    });

    it("is refused twice for one stack, and as drift of a stack without a preview", () => {
        const log = { source: "a", text: eventLog([step(spec("same", "a"))]) };
        assert.throws(() => readReport({ events: [log, log], drift: [] }, readPrices()), {
            message: "two of the logs are of the stack omantel: expected one for each",
        });
        const drift = { ...log, text: log.text.replace("resourcePreEvent", "resOutputsEvent") };
        assert.throws(() => readReport({ events: [], drift: [drift] }, readPrices()), {
            message: "there is a log of drift of the stack omantel, but none of its preview",
        });
    });
});
