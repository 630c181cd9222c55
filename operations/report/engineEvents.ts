import { z } from "zod";

const properties = z.record(z.string(), z.unknown()).nullish();

const resourceState = z.object({
    custom: z.boolean().optional(),
    id: z.string().optional(),
    protect: z.boolean().optional(),
    retainOnDelete: z.boolean().optional(),
    external: z.boolean().optional(),
    inputs: properties,
    outputs: properties,
});

const step = z.object({
    op: z.string(),
    urn: z.string(),
    type: z.string(),
    old: resourceState.nullish(),
    new: resourceState.nullish(),
    keys: z.array(z.string()).nullish(),
    diffs: z.array(z.string()).nullish(),
    detailedDiff: z
        .record(z.string(), z.object({ diffKind: z.string(), inputDiff: z.boolean() }))
        .nullish(),
});

const policySummary = z.object({
    policyPackName: z.string(),
    passed: z.array(z.string()).nullish(),
    failed: z.array(z.string()).nullish(),
});

const engineEvent = z.object({
    sequence: z.number(),
    diagnosticEvent: z
        .object({ urn: z.string().optional(), message: z.string(), severity: z.string() })
        .optional(),
    resourcePreEvent: z.object({ metadata: step }).optional(),
    resOutputsEvent: z.object({ metadata: step }).optional(),
    policyEvent: z
        .object({
            resourceUrn: z.string().optional(),
            message: z.string(),
            policyName: z.string(),
            policyPackName: z.string(),
            enforcementLevel: z.string(),
            severity: z.string().optional(),
        })
        .optional(),
    policyAnalyzeSummaryEvent: policySummary.optional(),
    policyAnalyzeStackSummaryEvent: policySummary.optional(),
    summaryEvent: z.object({ result: z.string().optional(), isPreview: z.boolean() }).optional(),
});

/** One event of the engine, as `--event-log` writes it and the Automation API hands it out: what the report reads of it. */
export type EngineEvent = z.infer<typeof engineEvent>;

/** A step of the engine: what it does to one resource. Source: `apitype.StepEventMetadata` of Pulumi 3.259. */
export type EngineStep = z.infer<typeof step>;

/** A resource before or after a step; secrets are envelopes, unknown values a fixed text. */
export type EngineResourceState = z.infer<typeof resourceState>;

/** A file of events cannot be read. */
export class UnreadableEvents extends Error {
    constructor(message: string) {
        super(message);
        this.name = "UnreadableEvents";
    }
}

/**
 * Reads a log of engine events, one JSON object per line. A last line that was cut off (the engine was killed) is left out: the
 * report then says that the preview is incomplete.
 *
 * @param source - what the text is called in an error
 * @throws UnreadableEvents with the number of the line; never with its text, which may hold a secret
 */
export function parseEvents(text: string, source: string): EngineEvent[] {
    const lines = text.split("\n");
    const cutOff = lines.pop() ?? "";
    const events = lines.flatMap((line, index) =>
        line.trim() === "" ? [] : [parseLine(line, `${source}, line ${index + 1}`)],
    );
    if (cutOff.trim() !== "" && isJson(cutOff))
        events.push(parseLine(cutOff, `${source}, line ${lines.length + 1}`));
    if (events.length === 0)
        throw new UnreadableEvents(
            `${source} holds no engine event: expected the file that \`pulumi preview --event-log <file>\` writes`,
        );
    return events.sort((a, b) => a.sequence - b.sequence);
}

function isJson(text: string): boolean {
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}

function parseLine(line: string, where: string): EngineEvent {
    if (!isJson(line))
        throw new UnreadableEvents(
            `${where} is not JSON: expected one engine event per line, as \`pulumi preview --event-log <file>\` writes them`,
        );
    const parsed = engineEvent.safeParse(JSON.parse(line));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new UnreadableEvents(
        `${where} is not an engine event: ${issue?.path.join(".") ?? "it"}: ${issue?.message ?? "unexpected"}`,
    );
}
