/** A JSON value as it travels to the server. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. The registry also writes sets and lists as objects (`{"x": true}`, `{"0": …}`). */
export interface JsonObject {
    readonly [key: string]: Json;
}

/** One step of a plan, in the order in which the server gets it. */
export type PlanStep =
    /** A singleton's properties are set. */
    | { readonly kind: "update"; readonly object: string; readonly value: JsonObject }
    /**
     * All objects of each type are destroyed, then the given ones created. Later types may refer to earlier ones by
     * `#ref`, so they are destroyed in reverse order and created in order, all in one request.
     */
    | {
          readonly kind: "replace";
          readonly objects: readonly {
              readonly object: string;
              readonly create: Readonly<Record<string, JsonObject>>;
              /** Id of the create call in the reply. @default `c<object>` */
              readonly callId?: string;
          }[];
      };

/** An object that survives re-applying: created, or updated where its key exists already. */
export interface Upsert {
    /** Name by which other objects refer to it (`#dom`), and part of its file names. */
    readonly ref: string;
    readonly object: string;
    readonly value: JsonObject;
}

/** One JMAP method call (RFC 8620, section 3.2). */
export type MethodCall = readonly [method: string, args: JsonObject, callId: string];

/** One JMAP request, the body of a POST to `/jmap/` (RFC 8620, section 3.3). */
export interface JmapRequest {
    readonly using: readonly string[];
    readonly methodCalls: readonly MethodCall[];
}

/** Request files by name; applied in the order of their names. */
export type RequestFiles = Readonly<Record<string, JmapRequest>>;

/** The server refuses requests with more calls. */
const MAX_CALLS = 16;

/** The apply script puts the id of the existing object here. */
const EXISTING_ID = "@ID@";

const CAPABILITIES = ["urn:ietf:params:jmap:core", "urn:stalwart:jmap"];

function request(methodCalls: readonly MethodCall[]): JmapRequest {
    return { using: CAPABILITIES, methodCalls };
}

function destroyAll(object: string): MethodCall[] {
    const query = `q${object}`;
    return [
        [`x:${object}/query`, {}, query],
        [
            `x:${object}/set`,
            { "#destroy": { resultOf: query, name: `x:${object}/query`, path: "/ids" } },
            `d${object}`,
        ],
    ];
}

function calls(step: PlanStep): MethodCall[] {
    if (step.kind === "update")
        return [[`x:${step.object}/set`, { update: { singleton: step.value } }, `u${step.object}`]];
    return [
        ...step.objects.toReversed().flatMap(({ object }) => destroyAll(object)),
        ...step.objects.map(({ object, create, callId = `c${object}` }): MethodCall => [
            `x:${object}/set`,
            { create },
            callId,
        ]),
    ];
}

/** Files `e<N>-create-<ref>.json` and `e<N>-update-<ref>.json`: the apply script sends the second where the first says that the key exists. */
export function upsertFiles(upserts: readonly Upsert[]): RequestFiles {
    return Object.fromEntries(
        upserts.flatMap(({ ref, object, value }, index) => [
            [
                `e${index}-create-${ref}.json`,
                request([[`x:${object}/set`, { create: { [ref]: value } }, "c"]]),
            ],
            [
                `e${index}-update-${ref}.json`,
                request([[`x:${object}/set`, { update: { [EXISTING_ID]: value } }, "u"]]),
            ],
        ]),
    );
}

/**
 * Files `r<N>.json`: the steps in order, as many in a request as the server takes; the calls of one step stay together.
 * Throws a RangeError when one step alone has too many calls, or there would be more than ten files (their names sort).
 */
export function stepFiles(steps: readonly PlanStep[]): RequestFiles {
    const batches: MethodCall[][] = [];
    for (const step of steps) {
        const next = calls(step);
        if (next.length > MAX_CALLS)
            throw new RangeError(
                `a step of the plan has ${next.length} calls; the server takes ${MAX_CALLS} in a request`,
            );
        const last = batches.at(-1);
        if (last && last.length + next.length <= MAX_CALLS) last.push(...next);
        else batches.push(next);
    }
    if (batches.length > 10)
        throw new RangeError(
            `the plan has ${batches.length} requests; their file names sort up to 10`,
        );
    return Object.fromEntries(batches.map((batch, index) => [`r${index}.json`, request(batch)]));
}
