/**
 * Proves how a change of each kind of property is told: plain values, secrets, unknowns, lists, texts, Helm values, and what only the
 * provider knows to differ. It does not prove that providers say so: the golden reports are of real ones.
 */
import assert from "node:assert/strict";
import { changesOf } from "../../../operations/report/changesOf.ts";
import { parseEvents } from "../../../operations/report/engineEvents.ts";
import { propertyLines } from "../../../operations/report/propertyLines.ts";
import { formatPath, parsePath } from "../../../operations/report/propertyPath.ts";
import { readPlan } from "../../../operations/report/readPlan.ts";
import { Concealment } from "../../../operations/report/secretValues.ts";
import { eventLog, secretEnvelope, step, UNKNOWN } from "./events.ts";
import type { StepSpec } from "./events.ts";

/** The lines that are told of one resource. */
function lines(spec: Partial<StepSpec>): string[] {
    const whole = { op: "update", type: "kubernetes:helm.sh/v3:Release", name: "r", ...spec };
    const [resource] = readPlan(parseEvents(eventLog([step(whole)]), "a log"), "a log").resources;
    assert.ok(resource);
    return propertyLines(changesOf(resource, new Concealment([])));
}

const update = (before: StepSpec["before"], after: StepSpec["after"]) =>
    lines({ ...(before && { before }), ...(after && { after }) });

describe("changed properties", () => {
    it("are told with both values, and nothing is told of the others", () => {
        assert.deepEqual(update({ a: 1, b: "x", c: true }, { a: 2, b: "x", d: null }), [
            "- a: 1",
            "+ a: 2",
            "- c: true",
            "+ d: null",
        ]);
    });

    it("leave out what belongs to the engine and the providers", () => {
        assert.deepEqual(update({ __defaults: [] }, { __defaults: ["x"] }), []);
    });

    it("are told of Helm values one by one", () => {
        assert.deepEqual(
            update(
                { values: { images: { api: { tag: "1.4.19" } }, replicas: 1 } },
                { values: { images: { api: { tag: "1.4.20" } }, replicas: 1 } },
            ),
            ['- values.images.api.tag: "1.4.19"', '+ values.images.api.tag: "1.4.20"'],
        );
    });

    it("say of secrets only that they are others", () => {
        assert.deepEqual(
            update(
                { a: secretEnvelope("one"), b: secretEnvelope("same"), c: secretEnvelope("gone") },
                { a: secretEnvelope("two"), b: secretEnvelope("same"), d: secretEnvelope("new") },
            ),
            ["! a: [secret changed]", "- c: [secret]", "+ d: [secret]"],
        );
    });

    it("say of blinded secrets what the provider says", () => {
        const blinded = { values: { smtp: { pass: secretEnvelope() } }, other: secretEnvelope() };
        assert.deepEqual(lines({ before: blinded, after: blinded }), []);
        assert.deepEqual(
            lines({
                before: blinded,
                after: blinded,
                detailedDiff: { "values.smtp": { diffKind: "update", inputDiff: true } },
            }),
            ["! values.smtp.pass: [secret changed]"],
        );
    });

    it("hide what is called like a secret, and the content of Kubernetes Secrets", () => {
        assert.deepEqual(update({ smtpPassword: "a" }, { smtpPassword: "b" }), [
            "! smtpPassword: [secret changed]",
        ]);
        assert.deepEqual(
            lines({
                type: "kubernetes:core/v1:Secret",
                before: { data: { user: "a", host: "h" } },
                after: { data: { user: "b", host: "h" } },
            }),
            ["! data.user: [secret changed]"],
        );
    });

    it("show names of secrets", () => {
        assert.deepEqual(update({}, { secretName: "stalwart-tls" }), [
            '+ secretName: "stalwart-tls"',
        ]);
    });

    it("say what is not known yet", () => {
        assert.deepEqual(update({ ip: "192.0.2.1" }, { ip: UNKNOWN }), [
            '- ip: "192.0.2.1"',
            "+ ip: (known after apply)",
        ]);
    });

    it("tell what comes into a list and leaves it", () => {
        assert.deepEqual(update({ records: ["a", "b", "b"] }, { records: ["b", "c"] }), [
            '- records[]: "a"',
            '- records[]: "b"',
            '+ records[]: "c"',
        ]);
        assert.deepEqual(update({ records: ["a", "b"] }, { records: ["b", "a"] }), [
            "! records: (order changed)",
        ]);
    });

    it("follow elements of a list by what identifies them", () => {
        assert.deepEqual(
            update(
                { selectors: [{ selector: "r1", state: "active" }] },
                {
                    selectors: [
                        { selector: "r0", state: "revoked" },
                        { selector: "r1", state: "retiring" },
                    ],
                },
            ),
            [
                '+ selectors.r0: {"selector": "r0", "state": "revoked"}',
                '- selectors.r1.state: "active"',
                '+ selectors.r1.state: "retiring"',
            ],
        );
    });

    it("tell of a text the lines that differ", () => {
        assert.deepEqual(update({ config: "a\nb\nc\n" }, { config: "a\nB\nc\n" }), [
            "! config, lines of text:",
            " a",
            "-b",
            "+B",
            " c",
        ]);
    });

    it("show of long values the part that differs", () => {
        const long = "x".repeat(200);
        const [was, is] = update({ a: `${long}1${long}` }, { a: `${long}2${long}` });
        assert.match(was ?? "", /^- a: …x{30}1x{129}…$/);
        assert.match(is ?? "", /^\+ a: …x{30}2x{129}…$/);
    });

    it("tell what the real thing is where inputs are as they were", () => {
        assert.deepEqual(
            lines({
                before: { replicas: 2 },
                after: { replicas: 2 },
                outputs: { replicas: 1 },
                detailedDiff: { replicas: { diffKind: "update", inputDiff: false } },
            }),
            ["- replicas: 1", "+ replicas: 2"],
        );
    });
});

describe("a property path", () => {
    it("is read and written as the engine does", () => {
        for (const path of ["a.b", "a[0].b", 'a["x.y"].c', "a-b"])
            assert.equal(formatPath(parsePath(path)), path);
        assert.deepEqual(parsePath('spec.rules[1]["a.b"]'), ["spec", "rules", 1, "a.b"]);
    });
});
