import { isDeepStrictEqual, stripVTControlCharacters } from "node:util";
import { UnreadableEvents } from "./engineEvents.ts";
import type { EngineEvent, EngineStep } from "./engineEvents.ts";
import type { Diagnostic, DifferingPath, Operation, Plan, PlannedResource } from "./plan.ts";
import { readPolicies } from "./readPolicies.ts";
import { parseUrn } from "./urn.ts";

/** Steps of the engine by what they come to. Source: `apitype.OpType` of Pulumi 3.259. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
    same: "same",
    create: "create",
    update: "update",
    delete: "delete",
    replace: "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "read-replacement": "replace",
    import: "import",
    "import-replacement": "replace",
    read: "read",
};

/** The stack itself, whose outputs are no resource. */
const STACK_TYPE = "pulumi:pulumi:Stack";

/**
 * Reads what a preview foretold out of the engine's events, in a fixed order.
 *
 * @throws UnreadableEvents where they are of no preview, or of several stacks
 */
export function readPlan(events: readonly EngineEvent[], source: string): Plan {
    const steps = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
    const summary = events.findLast(({ summaryEvent }) => summaryEvent)?.summaryEvent;
    if (summary?.isPreview === false)
        throw new UnreadableEvents(
            `${source} is of an update that was carried out: expected the events of a preview`,
        );
    const byUrn = Map.groupBy(
        steps.filter(({ op }) => op in OPERATIONS),
        ({ urn }) => urn,
    );
    const policies = readPolicies(events);
    const stopped = policies?.violations.some(({ mandatory }) => mandatory) === true;
    const diagnostics = reasons(readDiagnostics(events), stopped);
    // A policy that does not hold ends a preview as failed too, but only after it was through.
    const failed =
        ((summary?.result ?? "succeeded") !== "succeeded" && !stopped) ||
        diagnostics.some(({ severity }) => severity === "error");
    return {
        stack: stackOf(events, source),
        outcome: failed ? "failed" : summary === undefined ? "incomplete" : "complete",
        resources: [...byUrn.values()]
            .map(plannedResource)
            .filter(({ type }) => type !== STACK_TYPE)
            .sort((a, b) => compare(a.urn, b.urn)),
        policies,
        diagnostics,
    };
}

export function compare(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
}

/** The one stack that the events are of. */
export function stackOf(events: readonly EngineEvent[], source: string): string {
    const urns = events.flatMap((event) => [
        ...(event.resourcePreEvent ? [event.resourcePreEvent.metadata.urn] : []),
        ...(event.resOutputsEvent ? [event.resOutputsEvent.metadata.urn] : []),
        ...(event.diagnosticEvent?.urn === undefined ? [] : [event.diagnosticEvent.urn]),
    ]);
    const stacks = new Set(urns.map((urn) => parseUrn(urn).stack).filter((stack) => stack !== ""));
    const [stack, other] = stacks;
    if (stack === undefined)
        throw new UnreadableEvents(
            `${source} names no stack: the engine ended before it looked at a resource`,
        );
    if (other !== undefined)
        throw new UnreadableEvents(
            `${source} is of several stacks (${[...stacks].sort().join(", ")}): expected one file for each`,
        );
    return stack;
}

function plannedResource(steps: readonly EngineStep[]): PlannedResource {
    const [first] = steps;
    if (first === undefined) throw new Error("a group of steps is never empty");
    const { type, name, layer } = parseUrn(first.urn);
    const operations = steps.map(({ op }) => OPERATIONS[op] ?? "same");
    const operation = joined(operations);
    const before = steps.map((step) => step.old).find((state) => state);
    const after = operation === "delete" ? undefined : steps.findLast((step) => step.new)?.new;
    return {
        urn: first.urn,
        type,
        name,
        layer,
        operation,
        custom: (after ?? before)?.custom === true,
        before: before ?? undefined,
        after: after ?? undefined,
        causes: [...new Set(steps.flatMap(({ keys }) => keys ?? []))].sort(),
        differing: differing(steps),
    };
}

/** Several steps for one resource are a replacement, or a leftover that goes beside something else. */
function joined(operations: readonly Operation[]): Operation {
    if (operations.includes("replace")) return "replace";
    if (operations.includes("delete") && operations.includes("create")) return "replace";
    return operations.find((operation) => operation !== "same") ?? "same";
}

function differing(steps: readonly EngineStep[]): DifferingPath[] {
    const detailed = steps.flatMap(({ detailedDiff }) => Object.entries(detailedDiff ?? {}));
    const paths = new Map<string, boolean>(
        detailed.map(([path, { inputDiff }]) => [path, inputDiff]),
    );
    const covered = (key: string) => [...paths.keys()].some((path) => startsWith(path, key));
    for (const key of steps.flatMap(({ diffs }) => diffs ?? []))
        if (!covered(key)) paths.set(key, true);
    return [...paths]
        .map(([path, inputs]) => ({ path, inputs }))
        .sort((a, b) => compare(a.path, b.path));
}

function startsWith(path: string, key: string): boolean {
    return path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`);
}

/** The engine's closing words. */
const CLOSING = /^(?:error: )?preview failed$/;

/** Messages without closing words that say nothing, because the reason is given by another message or by a policy. */
function reasons(diagnostics: readonly Diagnostic[], stopped: boolean): readonly Diagnostic[] {
    const telling = diagnostics.filter(({ message }) => !CLOSING.test(message));
    const told = stopped || telling.some(({ severity }) => severity === "error");
    return told ? telling : diagnostics;
}

function readDiagnostics(events: readonly EngineEvent[]): Diagnostic[] {
    const found = events.flatMap(({ diagnosticEvent }) => {
        const severity = diagnosticEvent?.severity;
        if (!diagnosticEvent || (severity !== "error" && severity !== "warning")) return [];
        const message = plainText(diagnosticEvent.message);
        return message === "" ? [] : [{ severity, urn: diagnosticEvent.urn, message } as const];
    });
    return found
        .filter((one, at) => found.findIndex((other) => isDeepStrictEqual(one, other)) === at)
        .sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
}

/** A message of the engine without its marks for colours. */
export function plainText(message: string): string {
    return stripVTControlCharacters(message.replaceAll(/<\{%[^%]*%\}>/g, "")).trim();
}
