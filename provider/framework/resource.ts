import type { z } from "zod";
import type { ProviderConfiguration } from "./configuration.ts";
import type { PropertyChange } from "./diff.ts";
import type { PreviewProps } from "./values.ts";

/** Says things to the person at the CLI, about one resource. Secrets are redacted in every message. */
export interface ResourceLog {
    /** Only with `--debug`. */
    debug(message: string): void;
    info(message: string): void;
    warning(message: string): void;
    /** What a long wait waits for: shown in the resource's line while it lasts, kept nowhere. */
    status(message: string): void;
}

/** Milliseconds that calls have to come to their end when the engine cancels: as long as PowerDNS has to answer a request. */
export const GRACE = 30_000;

/** What every call on a resource gets. */
export interface CallContext {
    readonly urn: string;
    readonly config: ProviderConfiguration;
    /**
     * Aborted when {@link timeoutSeconds} have passed, or {@link GRACE} after the engine cancelled: what has begun by then comes to its end, so
     * that the state knows of it. Give it to every request.
     */
    readonly signal: AbortSignal;
    /** Aborted with {@link signal}, and as soon as the engine cancels. Give it to every wait for something that others do. */
    readonly waiting: AbortSignal;
    /** `customTimeouts` of the resource; undefined where the user gave none. */
    readonly timeoutSeconds: number | undefined;
    readonly log: ResourceLog;
}

/** One thing wrong with one property. */
export interface CheckFailure {
    /** Path in Pulumi's notation, for example `nameServers[0].name`. */
    readonly property: string;
    /** What is wrong and what is expected. Never a secret. */
    readonly reason: string;
}

export interface CheckResult<Inputs> {
    /** Replaces the inputs, for example normalised. @default the inputs as given */
    readonly inputs?: PreviewProps<Inputs>;
    readonly failures?: readonly CheckFailure[];
}

export interface Diff {
    readonly changes: readonly PropertyChange[];
    /** @default {@link ResourceImplementation.deleteBeforeReplace} */
    readonly deleteBeforeReplace?: boolean;
}

export interface Created<Outputs> {
    /** What `pulumi import` would take. Never empty. */
    readonly id: string;
    readonly outputs: Outputs;
}

export interface ReadResult<Inputs, Outputs> {
    /** Canonical id. @default the id that was asked for */
    readonly id?: string;
    /** Inputs that would make what is live now: the next preview compares the program with them. */
    readonly inputs: Inputs;
    readonly outputs: Outputs;
}

/** What is in the state: inputs and outputs together, the outputs winning where both have a name. */
export type State<I extends z.ZodObject, O extends z.ZodObject> = Omit<
    z.output<I>,
    keyof z.output<O>
> &
    z.output<O>;

/**
 * One resource type. Inputs are checked against {@link inputs} before anything else sees them (defaults filled in, one
 * failure per property path), secrets arrive unwrapped, and only the `preview…` and `check`/`diff` methods ever see an
 * {@link UNKNOWN} value. Whatever a method throws reaches the user as an error with secrets redacted.
 */
export interface ResourceImplementation<
    I extends z.ZodObject = z.ZodObject,
    O extends z.ZodObject = z.ZodObject,
> {
    /** For example `sovereign:dns:Zone`. */
    readonly token: `sovereign:${string}:${string}`;
    /** For the package schema. */
    readonly description: string;
    /** Every property with `.describe(…)`; defaults are filled in by check. */
    readonly inputs: I;
    /** Properties that the resource adds to, or puts in place of, its inputs. */
    readonly outputs: O;
    /** Inputs that are secret even where the program forgot to say so. */
    readonly secretInputs?: readonly (keyof z.output<I> & string)[];
    /** Outputs that are always secret. */
    readonly secretOutputs?: readonly (keyof z.output<O> & string)[];
    /** Outputs that are secret when one of the inputs named is: `{ output: [inputs] }`. */
    readonly derivedOutputs?: Readonly<Record<string, readonly string[]>>;
    /** Inputs whose change replaces the resource. */
    readonly replaceOn?: readonly (keyof z.output<I> & string)[];
    /** Whether a replacement deletes first. @default false */
    readonly deleteBeforeReplace?: boolean;
    /** Inputs with an equality of their own (order, notation, "does not matter"). */
    readonly equal?: {
        readonly [K in keyof z.output<I>]?: (
            before: z.output<I>[K],
            after: z.output<I>[K],
        ) => boolean;
    };

    /**
     * What the schema cannot say: rules across properties. Called only when the schema is satisfied, for every registration
     * in preview and update, changed or not. Offline and deterministic, but where the resource is itself a look at what others may change.
     */
    check?(
        inputs: PreviewProps<z.output<I>>,
        context: CallContext,
    ): CheckResult<z.output<I>> | Promise<CheckResult<z.output<I>>>;

    /** Replaces the comparison of old with new inputs by {@link replaceOn} and {@link equal}. */
    diff?(
        id: string,
        before: { readonly inputs: z.output<I>; readonly state: State<I, O> },
        after: PreviewProps<z.output<I>>,
        context: CallContext,
    ): Diff | Promise<Diff>;

    /**
     * Looks, changes nothing, warns; may foretell outputs and may refuse by throwing.
     * @default every output unknown
     */
    previewCreate?(
        inputs: PreviewProps<z.output<I>>,
        context: CallContext,
    ): Promise<Partial<PreviewProps<z.output<O>>> | undefined>;

    /** Throws {@link PartialFailure} when something exists that the state must keep. */
    create(inputs: z.output<I>, context: CallContext): Promise<Created<z.output<O>>>;

    /**
     * Refresh (`before` given) and import (`before` undefined): what is live, or undefined when it is gone.
     * `inputs` of `before` may be incomplete after an import.
     */
    read(
        id: string,
        before: { readonly inputs: z.output<I>; readonly state: State<I, O> } | undefined,
        context: CallContext,
    ): Promise<ReadResult<z.output<I>, z.output<O>> | undefined>;

    /** See {@link previewCreate}. @default outputs of the state */
    previewUpdate?(
        id: string,
        before: { readonly inputs: z.output<I>; readonly state: State<I, O> },
        after: PreviewProps<z.output<I>>,
        context: CallContext,
    ): Promise<Partial<PreviewProps<z.output<O>>> | undefined>;

    /** Absent where every input replaces. Throws {@link PartialFailure} when part of it was done. */
    update?(
        id: string,
        before: { readonly inputs: z.output<I>; readonly state: State<I, O> },
        after: z.output<I>,
        context: CallContext,
    ): Promise<z.output<O>>;

    /** Succeeds when it is gone already. */
    delete(id: string, state: State<I, O>, context: CallContext): Promise<void>;
}

/** Gives a resource its types from its schemas. */
export function defineResource<I extends z.ZodObject, O extends z.ZodObject>(
    implementation: ResourceImplementation<I, O>,
): ResourceImplementation<I, O> {
    return implementation;
}

/**
 * Something was made or changed, but not all of it: the state keeps `outputs`, and the next update tries again.
 * Reasons are shown to the user.
 */
export class PartialFailure extends Error {
    readonly id: string;
    readonly outputs: Readonly<Record<string, unknown>>;

    constructor(
        id: string,
        outputs: Readonly<Record<string, unknown>>,
        reason: string,
        options?: ErrorOptions,
    ) {
        super(reason, options);
        this.name = "PartialFailure";
        this.id = id;
        this.outputs = outputs;
    }
}
