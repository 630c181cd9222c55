import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import type { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";

/** The envelope that the SDK puts around a secret on its way to the engine. */
const SECRET_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_VALUE = "1b47061264138c4ac30d75fd1eb44270";

/** What the program asked the engine for: one registered resource, in terms that a test can compare. */
export interface Child {
    /** Type token. */
    readonly type: string;
    /** Logical name. */
    readonly name: string;
    /** The mocked id, see {@link mockId}. In a preview the engine does not know it yet. */
    readonly id: string;
    /** Type token of the parent; `pulumi:pulumi:Stack` at the top. */
    readonly parentType: string;
    /** Logical name of the parent. */
    readonly parentName: string;
    readonly custom: boolean;
    /** Inputs as sent: secrets in their envelope, see {@link isSecretValue} and {@link plainInputs}. */
    readonly inputs: Readonly<Record<string, unknown>>;
    /** Names of the resources that this one waits for, sorted: by `dependsOn` and by the data it uses. */
    readonly dependencies: readonly string[];
    readonly options: ChildOptions;
}

/** Resource options that reach the engine. */
export interface ChildOptions {
    readonly protect: boolean;
    readonly deleteBeforeReplace: boolean;
    readonly retainOnDelete: boolean;
    readonly ignoreChanges: readonly string[];
    readonly replaceOnChanges: readonly string[];
    readonly hideDiffs: readonly string[];
    readonly additionalSecretOutputs: readonly string[];
    /** Name of the resource that takes this one with it, or "". */
    readonly deletedWith: string;
    readonly replacementTrigger: unknown;
    /** Name of the explicit provider, or "". */
    readonly provider: string;
}

/** Further outputs of a resource type, as its provider would compute them. */
export type Outputs =
    | Record<string, unknown>
    | ((
          args: pulumi.runtime.MockResourceArgs,
      ) => Record<string, unknown> | Promise<Record<string, unknown>>);

export interface PlanOptions {
    /** @default "dev" */
    readonly stack?: string;
    /** Ids and computed outputs stay unknown, as in `pulumi preview`. @default false */
    readonly preview?: boolean;
    readonly config?: Record<string, string>;
    readonly secretKeys?: readonly string[];
    /** By type token. In a preview they are left out: nothing has been created yet. */
    readonly outputs?: Readonly<Record<string, Outputs>>;
    /** Fake invokes by token; any other invoke fails the plan. */
    readonly invokes?: Readonly<
        Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>
    >;
}

export interface Plan<T> {
    readonly result: T;
    /** Every registered resource but the stack, sorted by type and name. */
    readonly children: readonly Child[];
}

export function isSecretValue(value: unknown): boolean {
    return (
        typeof value === "object" &&
        value !== null &&
        (value as Record<string, unknown>)[SECRET_KEY] === SECRET_VALUE
    );
}

/** Takes every secret out of its envelope, at any depth. */
export function unwrapSecrets(value: unknown): unknown {
    return mapSecrets(value, (inner) => unwrapSecrets(inner));
}

/** For golden files: every secret becomes `"[secret]"`, keys are sorted, arrays keep their order. */
export function redact(value: unknown): unknown {
    return mapSecrets(value, () => "[secret]");
}

function mapSecrets(value: unknown, onSecret: (inner: unknown) => unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (isSecretValue(value)) return onSecret((value as Record<string, unknown>).value);
    if (Array.isArray(value)) return value.map((v) => mapSecrets(v, onSecret));
    return Object.fromEntries(
        Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([k, v]) => [k, mapSecrets(v, onSecret)]),
    );
}

/** The one child of that logical name (and type, where names repeat). Throws when there is none, or more than one. */
export function childOf(children: readonly Child[], name: string, type?: string): Child {
    const found = children.filter((c) => c.name === name && (type ?? c.type) === c.type);
    if (found.length !== 1 || found[0] === undefined)
        throw new Error(
            `${found.length} resources are called ${name}; there are:\n${children.map((c) => `  ${c.type} ${c.name}`).join("\n")}`,
        );
    return found[0];
}

/** Inputs of a child with every secret unwrapped. */
export function plainInputs(child: Child): Record<string, unknown> {
    return unwrapSecrets(child.inputs) as Record<string, unknown>;
}

/** `parentType > type name` of every child, sorted: what a component test compares. */
export function outline(children: readonly Child[]): string[] {
    return children.map((c) => `${c.parentType} > ${c.type} ${c.name}`);
}

/**
 * The id that a mocked resource gets. Hetzner's ids are numbers, and the program turns them into such; they are derived
 * from the name, so that they do not depend on the order of registration.
 */
export function mockId(type: string, name: string): string {
    if (!type.startsWith("hcloud:")) return `${name}-id`;
    return String(
        100_000_000 + createHash("sha256").update(`${type} ${name}`).digest().readUInt32BE(),
    );
}

/** Value of an output. Fails when it is unknown. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => {
        output.apply((value) => {
            resolve(value);
        });
    });
}

/**
 * Runs a program against mocks, waits for every registration, and fails on whatever would fail a real deployment. Mocks
 * prove wiring, not acceptance by a cloud. They are process-wide: one plan at a time.
 */
export async function plan<T>(
    program: () => T | Promise<T>,
    options: PlanOptions = {},
): Promise<Plan<T>> {
    const preview = options.preview ?? false;
    const recorder = new Recorder(options, preview);
    const leaked: unknown[] = [];
    const onLeak = (error: unknown): void => void leaked.push(error);
    process.on("unhandledRejection", onLeak);
    try {
        await pulumi.runtime.setMocks(
            recorder,
            "sovereign",
            options.stack ?? "dev",
            preview,
            "organization",
        );
        pulumi.runtime.setAllConfig(options.config ?? {}, [...(options.secretKeys ?? [])]);
        recorder.attach(pulumi.runtime.getMonitor() as unknown as MockMonitor);
        const result = await recorder.explainInvokes(program);
        await pulumi.runtime.disconnect();
        await new Promise((resolve) => setImmediate(resolve));
        const problems = [
            ...recorder.unexpectedInvokes.map((token) => `unexpected invoke ${token}`),
            ...new Set(leaked.map((e) => (e instanceof Error ? e.message : String(e)))),
        ];
        if (problems.length > 0) throw new AggregateError(leaked, problems.join("; "));
        return { result, children: recorder.children() };
    } finally {
        process.off("unhandledRejection", onLeak);
    }
}

interface Recorded {
    readonly request: RegisterResourceRequest;
    readonly inputs: Record<string, unknown>;
}

/** Records each registration together with the request it came in, which alone carries the resource options. */
class Recorder implements pulumi.runtime.Mocks {
    readonly unexpectedInvokes: string[] = [];
    private readonly recorded: Recorded[] = [];
    private current: RegisterResourceRequest | undefined;
    private readonly options: PlanOptions;
    private readonly preview: boolean;

    constructor(options: PlanOptions, preview: boolean) {
        this.options = options;
        this.preview = preview;
    }

    /** The monitor calls {@link newResource} synchronously from within `registerResource`; so the two can be paired. */
    attach(monitor: MockMonitor): void {
        const original = monitor.registerResource.bind(monitor);
        monitor.registerResource = (request, callback) => {
            this.current = request as RegisterResourceRequest;
            return original(request, callback);
        };
    }

    /** Not async: the request must be taken before anything is awaited. */
    newResource(args: pulumi.runtime.MockResourceArgs): Promise<pulumi.runtime.MockResourceResult> {
        const inputs = args.inputs as Record<string, unknown>;
        if (this.current) this.recorded.push({ request: this.current, inputs });
        this.current = undefined;
        return this.result(args, inputs);
    }

    private async result(
        args: pulumi.runtime.MockResourceArgs,
        inputs: Record<string, unknown>,
    ): Promise<pulumi.runtime.MockResourceResult> {
        if (this.preview) return { id: "", state: inputs };
        const outputs = this.options.outputs?.[args.type] ?? {};
        const computed = typeof outputs === "function" ? await outputs(args) : outputs;
        return { id: mockId(args.type, args.name), state: { ...inputs, ...computed } };
    }

    call(args: pulumi.runtime.MockCallArgs): Record<string, unknown> {
        const fake = this.options.invokes?.[args.token];
        if (fake) return fake(args.inputs as Record<string, unknown>);
        this.unexpectedInvokes.push(args.token);
        throw new Error(args.token);
    }

    /** An error thrown by {@link call} reaches the program without its text. */
    async explainInvokes<T>(program: () => T | Promise<T>): Promise<T> {
        try {
            return await program();
        } catch (cause) {
            if (this.unexpectedInvokes.length === 0) throw cause;
            throw new Error(`unexpected invokes: ${this.unexpectedInvokes.join(", ")}`, { cause });
        }
    }

    children(): Child[] {
        return this.recorded
            .filter(({ request }) => request.getType() !== "pulumi:pulumi:Stack")
            .map(({ request, inputs }) => describe(request, inputs))
            .sort((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1));
    }
}

function describe(request: RegisterResourceRequest, inputs: Record<string, unknown>): Child {
    return {
        type: request.getType(),
        name: request.getName(),
        id: mockId(request.getType(), request.getName()),
        parentType: typeOf(request.getParent()),
        parentName: nameOf(request.getParent()),
        custom: request.getCustom(),
        inputs,
        dependencies: [...new Set(request.getDependenciesList().map(nameOf))].sort(),
        options: {
            protect: request.getProtect() ?? false,
            deleteBeforeReplace: request.getDeletebeforereplace(),
            retainOnDelete: request.getRetainondelete() ?? false,
            ignoreChanges: request.getIgnorechangesList(),
            replaceOnChanges: request.getReplaceonchangesList(),
            hideDiffs: request.getHidediffsList(),
            additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
            deletedWith: nameOf(request.getDeletedwith()),
            replacementTrigger: request.getReplacementTrigger()?.toJavaScript(),
            // A provider reference is the provider's URN and its id.
            provider: nameOf(request.getProvider().replace(/::[^:]*$/, "")),
        },
    };
}

function nameOf(urn: string): string {
    return urn.split("::").slice(3).join("::");
}

function typeOf(urn: string): string {
    return urn === "" ? "pulumi:pulumi:Stack" : (urn.split("::")[2]?.split("$").at(-1) ?? "");
}
