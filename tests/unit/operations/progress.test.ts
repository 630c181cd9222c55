// Proves what is told of the engine's events: phases in their order, counts, the time left, messages without colours and never the
// debugging ones, and how a terminal, a log and a program see them. It does not run the engine.
import assert from "node:assert/strict";
import type { automation } from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { jsonLinesOn, showOn } from "../../../operations/cli/display.ts";
import type { ProgressDetail, ProgressEvent } from "../../../operations/provision/events.ts";
import { phaseOf } from "../../../operations/provision/phases.ts";
import { PlannedSteps, Progress } from "../../../operations/provision/progress.ts";

const urn = (types: string, name: string) => `urn:pulumi:dev::sovereign::${types}::${name}`;
const NETWORK = urn(
    "sovereign:index:Sovereign$sovereign:cloud:Cloud$hcloud:index/network:Network",
    "omantel-net",
);
const ZONE = urn(
    "sovereign:index:Sovereign$sovereign:dns:SovereignZone$sovereign:dns:Zone",
    "omantel-zone",
);

const metadata = (op: string, of: string) =>
    ({
        op,
        urn: of,
        type: of.split("::")[2]?.split("$").at(-1) ?? "",
    }) as automation.StepEventMetadata;
const begins = (op: string, of: string) =>
    ({ resourcePreEvent: { metadata: metadata(op, of) } }) as automation.EngineEvent;
const ends = (op: string, of: string) =>
    ({ resOutputsEvent: { metadata: metadata(op, of) } }) as automation.EngineEvent;
const fails = (op: string, of: string) =>
    ({
        resOpFailedEvent: { metadata: metadata(op, of), status: 0, steps: 0 },
    }) as unknown as automation.EngineEvent;
const says = (severity: string, message: string) =>
    ({ diagnosticEvent: { severity, message, color: "never" } }) as automation.EngineEvent;

describe("the phase of a resource", () => {
    it("is that of the component that it lies in", () => {
        const root = "sovereign:index:Sovereign";
        const phases = [
            "sovereign:cloud:Cloud$hcloud:index/primaryIp:PrimaryIp",
            "sovereign:cluster:Cluster$hcloud:index/server:Server",
            "sovereign:dns:SovereignZone$sovereign:dns:RecordSet",
            "sovereign:mail:Mail$kubernetes:helm.sh/v3:Release",
            "sovereign:mail:Mail$sovereign:mail:DkimKeys$tls:index/privateKey:PrivateKey",
            "sovereign:platform:Platform$kubernetes:core/v1:Secret",
        ].map((types) => phaseOf(urn(`${root}$${types}`, "x")));
        assert.deepEqual(phases, ["cloud", "cluster", "dns", "mail", "identity", "platform"]);
        assert.equal(phaseOf(urn("pulumi:pulumi:Stack", "sovereign-dev")), "identity");
    });
});

describe("progress", () => {
    it("counts what the plan counts, phase by phase", () => {
        const plan = new PlannedSteps();
        for (const event of [
            begins("create", NETWORK),
            begins("same", urn("pulumi:pulumi:Stack", "dev")),
            begins("create", ZONE),
        ])
            plan.take(event);
        const told: ProgressDetail[] = [];
        const progress = new Progress((event) => told.push(event), plan.counts);
        assert.equal(progress.total, 2);
        for (const event of [
            begins("create", NETWORK),
            ends("create", NETWORK),
            begins("create", ZONE),
            fails("create", ZONE),
        ])
            progress.take(event);
        const resource = { resourceType: "hcloud:index/network:Network", name: "omantel-net" };
        const network = { type: "resource", phase: "cloud", urn: NETWORK, ...resource } as const;
        assert.deepEqual(told.slice(0, 4), [
            { type: "phase", phase: "cloud", state: "running", count: { done: 0, total: 1 } },
            {
                ...network,
                action: "create",
                state: "running",
                count: { done: 0, total: 2 },
                secondsLeft: undefined,
            },
            {
                ...network,
                action: "create",
                state: "done",
                count: { done: 1, total: 2 },
                secondsLeft: undefined,
            },
            { type: "phase", phase: "cloud", state: "done", count: { done: 1, total: 1 } },
        ]);
        assert.deepEqual(
            told.slice(4).map((event) => [event.type, "state" in event ? event.state : ""]),
            [
                ["phase", "running"],
                ["resource", "running"],
                ["resource", "failed"],
            ],
        );
        assert.deepEqual(progress.changes, { create: 1 });
    });

    it("tells the time left once there is a pace", () => {
        let now = 0;
        const told: ProgressDetail[] = [];
        const progress = new Progress(
            (event) => told.push(event),
            new Map([["cloud", 10]]),
            () => now,
        );
        for (let done = 1; done <= 6; done++) {
            progress.take(begins("create", NETWORK));
            now += 2000;
            progress.take(ends("create", NETWORK));
        }
        const left = told.flatMap((event) =>
            event.type === "resource" && event.state === "done" ? [event.secondsLeft] : [],
        );
        assert.deepEqual(left, [undefined, undefined, undefined, undefined, 10, 8]);
    });

    it("passes on what the engine says to people, without colours, and never what it says for debugging", () => {
        const told: ProgressDetail[] = [];
        const progress = new Progress((event) => told.push(event));
        progress.take(says("debug", "password: hunter2"));
        progress.take(says("error", "<{%fg 1%}>error:<{%reset%}> no such zone\n"));
        progress.take(says("warning", "deprecated"));
        assert.deepEqual(told, [
            { type: "message", severity: "error", text: "error: no such zone" },
            { type: "message", severity: "warning", text: "deprecated" },
        ]);
        assert.deepEqual(progress.failures, ["error: no such zone"]);
    });
});

const common = {
    time: "2026-11-24T09:00:00.000Z",
    stack: "omantel",
    operation: "provision",
} as const;
const EVENTS: readonly ProgressEvent[] = [
    { ...common, type: "started", pid: 1, total: 2 },
    { ...common, type: "phase", phase: "cloud", state: "running", count: { done: 0, total: 2 } },
    {
        ...common,
        type: "resource",
        phase: "cloud",
        urn: NETWORK,
        resourceType: "hcloud:index/network:Network",
        name: "omantel-net",
        action: "create",
        state: "running",
        count: { done: 1, total: 2 },
        secondsLeft: 70,
    },
    { ...common, type: "phase", phase: "cloud", state: "done", count: { done: 2, total: 2 } },
    { ...common, type: "message", severity: "warning", text: "one thing" },
    {
        ...common,
        type: "retry",
        attempt: 2,
        attempts: 3,
        reason: "locked",
        waitSeconds: 5,
    },
    { ...common, type: "finished", outcome: "succeeded", changes: { create: 2 }, seconds: 63 },
];

const LINES = [
    "… provision omantel: 2 steps",
    "… cloud",
    "✔ cloud (2 of 2)",
    "warning: one thing",
    "… attempt 2 of 3 in 5 s: locked",
    "✔ provision omantel: 2 create, 1 min 3 s",
];

describe("the display of progress", () => {
    const written = (terminal: { isTTY?: boolean; columns?: number }) => {
        let text = "";
        const show = showOn({ ...terminal, write: (part: string) => (text += part) });
        EVENTS.forEach(show);
        return text;
    };

    it("is plain lines where there is no terminal", () => {
        assert.equal(written({}), `${LINES.join("\n")}\n`);
    });

    it("has on a terminal a status below the lines, cut to its width and gone at the end", () => {
        const text = written({ isTTY: true, columns: 40 });
        const status = "  1 of 2 · about 1 min 10 s left · cloud: create omantel-net".slice(0, 39);
        const erased = "\u001B[2K\r";
        assert.equal(
            text,
            [
                `${LINES[0] ?? ""}\n${LINES[1] ?? ""}\n`,
                status,
                `${erased}${LINES[2] ?? ""}\n${status}`,
                `${erased}${LINES[3] ?? ""}\n${status}`,
                `${erased}${LINES[4] ?? ""}\n${status}`,
                `${erased}${LINES[5] ?? ""}\n`,
            ].join(""),
        );
    });

    it("is one JSON object a line for programs", () => {
        let text = "";
        EVENTS.forEach(jsonLinesOn({ write: (part) => (text += part) }));
        const read = text
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line) as ProgressEvent);
        assert.deepEqual(read, EVENTS);
    });
});
