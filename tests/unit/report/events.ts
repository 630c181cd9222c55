/** A step of the engine as a test writes it. */
export interface StepSpec {
    readonly op: string;
    readonly type: string;
    readonly name: string;
    readonly keys?: readonly string[];
    readonly before?: Readonly<Record<string, unknown>>;
    readonly after?: Readonly<Record<string, unknown>>;
    /** What the provider says differs. */
    readonly detailedDiff?: Readonly<Record<string, unknown>>;
    /** Types of the parents, `$`-separated and with a `$` at the end. @default "" */
    readonly parents?: string;
    readonly protect?: readonly [before: boolean, after: boolean];
    readonly outputs?: Readonly<Record<string, unknown>>;
}

/** What stands for a string that is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A secret as the engine logs it: with its value (`--show-secrets`), or blinded. */
export function secretEnvelope(value?: unknown): Record<string, string> {
    return {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        ...(value === undefined
            ? { ciphertext: "[secret]" }
            : { plaintext: JSON.stringify(value) }),
    };
}

/** The event of a step; what it does to state follows from its operation. */
export function step(spec: StepSpec): Record<string, unknown> {
    const { op, type, name, keys = [], detailedDiff = null, parents = "", outputs = {} } = spec;
    const [protectedBefore, protectedAfter] = spec.protect ?? [false, false];
    const state = (inputs: StepSpec["before"], protect: boolean) => ({
        custom: true,
        inputs: inputs ?? {},
        outputs,
        protect,
    });
    return {
        resourcePreEvent: {
            metadata: {
                op,
                urn: `urn:pulumi:omantel::sovereign::${parents}${type}::${name}`,
                type,
                keys,
                detailedDiff,
                old: op === "create" ? null : state(spec.before, protectedBefore),
                new: op === "delete" ? null : state(spec.after, protectedAfter),
            },
        },
    };
}

/** A log of these events, ended by the engine's summary. */
export function eventLog(
    events: readonly Readonly<Record<string, unknown>>[],
    warnings: readonly string[] = [],
): string {
    const all = [
        ...events,
        ...warnings.map((message) => ({ diagnosticEvent: { message, severity: "warning" } })),
        { summaryEvent: { isPreview: true, result: "succeeded" } },
    ];
    return all.map((event, sequence) => `${JSON.stringify({ sequence, ...event })}\n`).join("");
}
