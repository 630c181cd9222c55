import { z } from "zod";

const properties = z.record(z.string(), z.unknown()).nullish();

/** What is kept of a resource's state. */
const state = z.object({
    custom: z.boolean().optional(),
    id: z.string().optional(),
    protect: z.boolean().optional(),
    external: z.boolean().optional(),
    inputs: properties,
    outputs: properties,
});

const event = z.looseObject({
    diagnosticEvent: z.looseObject({ severity: z.string() }).optional(),
    policyAnalyzeSummaryEvent: z.looseObject({}).optional(),
    policyRemediateSummaryEvent: z.looseObject({}).optional(),
    resourcePreEvent: z.looseObject({ metadata: step() }).optional(),
    resOutputsEvent: z.looseObject({ metadata: step() }).optional(),
});

function step() {
    return z.looseObject({ op: z.string(), old: state.nullish(), new: state.nullish() });
}

type Step = z.infer<ReturnType<typeof step>>;
type State = z.infer<typeof state>;

/** What costs something even where it stays. */
const PRICED = /^hcloud:index\/(server|loadBalancer|primaryIp|floatingIp|volume):/;

/**
 * A log of engine events without what no report reads, so that it can be kept: the engine's own messages, what it says a second time, and
 * the properties of resources that stay as they are and cost nothing. What is left is as the engine wrote it.
 */
export function thinEvents(log: string): string {
    const events = log
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => event.parse(JSON.parse(line)));
    // Of a refresh, the second event tells what came out; of everything else, the first tells all.
    const told = events.every(({ resourcePreEvent: e }) => !e || e.metadata.op === "refresh")
        ? "resOutputsEvent"
        : "resourcePreEvent";
    // Which policies judged which resource is of no matter: what they came to is kept once.
    const summaries = new Set<string>();
    const isNews = (summary: unknown) => {
        if (summary === undefined) return true;
        const text = JSON.stringify(summary);
        const news = !summaries.has(text);
        summaries.add(text);
        return news;
    };
    return events
        .filter((e) => e.diagnosticEvent?.severity !== "debug" && !e.policyRemediateSummaryEvent)
        .map(({ policyAnalyzeSummaryEvent: summary, ...rest }) =>
            summary === undefined
                ? rest
                : { ...rest, policyAnalyzeSummaryEvent: { ...summary, resourceUrn: "" } },
        )
        .filter((e) => isNews(e.policyAnalyzeSummaryEvent))
        .flatMap((e) => {
            const { resourcePreEvent: before, resOutputsEvent: after, ...rest } = e;
            const { metadata } = (told === "resourcePreEvent" ? before : after) ?? {};
            if (metadata && metadata.op !== "refresh")
                return [{ ...rest, [told]: { metadata: thin(metadata) } }];
            return before || after ? [] : [e];
        })
        .map((e) => `${JSON.stringify(e)}\n`)
        .join("");
}

/** Steps of a replacement whose states the step `replace` has too. */
const REPEATED: ReadonlySet<string> = new Set(["delete-replaced", "create-replacement"]);

function thin(metadata: Step): Step {
    if (REPEATED.has(metadata.op)) return { ...metadata, old: null, new: null };
    const stays = metadata.op === "same";
    const priced = PRICED.test(String(metadata.type));
    const thinned = (one: State): State => ({
        ...one,
        inputs: stays && !priced ? {} : one.inputs,
        outputs: stays ? {} : without(one.outputs ?? {}),
    });
    return {
        ...metadata,
        ...(metadata.old && { old: thinned(metadata.old) }),
        ...(metadata.new && { new: thinned(metadata.new) }),
    };
}

/** Providers' own state, which is of no use to people. */
function without(outputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(outputs).filter(([key]) => !key.startsWith("__")));
}
