import { delegation } from "../../../../provider/dns/delegation.ts";
import { describe as inWords } from "../../../../provider/framework/failures.ts";
import { ProviderConfiguration } from "../../../../provider/framework/configuration.ts";
import { PartialFailure, type CallContext } from "../../../../provider/framework/resource.ts";
import type { Props } from "../../support/client.ts";

type Inputs = Parameters<typeof delegation.create>[0];
type State = Parameters<typeof delegation.delete>[1];

/** What the engine would keep of a delegation. */
export interface KeptDelegation {
    readonly inputs: Inputs;
    readonly state: State;
}

/** How a run of the engine on one delegation ended. */
export interface RunResult {
    /** What is in the state afterwards. */
    readonly kept: KeptDelegation | undefined;
    readonly error?: unknown;
}

export interface VirtualProviderOptions {
    /** As the stack would give it; secrets in plain. */
    readonly config: Readonly<Record<string, unknown>>;
    /** Connects to the registrar on the test's time, before anything else does. */
    readonly connect: (config: ProviderConfiguration) => void;
}

/**
 * The delegation resource in this process, on a clock of the test's, with what the engine does around it: what is in the
 * state after a run that ended well, ended badly, or did not end. No redaction stands between it and what it says.
 */
export class VirtualProvider {
    /** Everything that it said, in logs and in errors. */
    readonly said: string[] = [];
    readonly #options: VirtualProviderOptions;

    constructor(options: VirtualProviderOptions) {
        this.#options = options;
    }

    /** `pulumi up` with the delegation in the program; `signal` ends the process, and what was not kept is lost. */
    async up(
        program: Props,
        kept: KeptDelegation | undefined,
        signal: AbortSignal = new AbortController().signal,
    ): Promise<RunResult> {
        const context = this.#context(signal);
        const inputs = await this.#checked(program, context);
        return this.#keeping(inputs, kept, signal, async () => {
            if (kept === undefined) {
                const { outputs } = await delegation.create(inputs, context);
                return { inputs, state: { ...inputs, ...outputs } };
            }
            const outputs = await delegation.update?.("", kept, inputs, context);
            return { inputs, state: { ...inputs, ...outputs } as State };
        });
    }

    /** `pulumi destroy`. */
    async destroy(
        kept: KeptDelegation,
        signal: AbortSignal = new AbortController().signal,
    ): Promise<RunResult> {
        return this.#keeping(kept.inputs, kept, signal, async () => {
            await delegation.delete(kept.state.domain, kept.state, this.#context(signal));
            return undefined;
        });
    }

    /** `pulumi refresh`. */
    async refresh(kept: KeptDelegation): Promise<KeptDelegation | undefined> {
        const context = this.#context(new AbortController().signal);
        const read = await delegation.read(kept.state.domain, kept, context);
        if (read === undefined) return undefined;
        return { inputs: read.inputs, state: { ...read.inputs, ...read.outputs } };
    }

    /** `pulumi preview`. */
    async preview(program: Props, kept?: KeptDelegation): Promise<void> {
        const context = this.#context(new AbortController().signal);
        const inputs = await this.#checked(program, context);
        if (kept === undefined) await delegation.previewCreate?.(inputs, context);
        else await delegation.previewUpdate?.("", kept, inputs, context);
    }

    async #keeping(
        inputs: Inputs,
        before: KeptDelegation | undefined,
        signal: AbortSignal,
        act: () => Promise<KeptDelegation | undefined>,
    ): Promise<RunResult> {
        try {
            return { kept: await act() };
        } catch (error) {
            this.said.push(inWords(error));
            // A process that is gone tells the engine nothing.
            if (signal.aborted || !(error instanceof PartialFailure))
                return { kept: before, error };
            const state = { ...inputs, ...error.outputs } as State;
            return { kept: { inputs, state }, error };
        }
    }

    async #checked(program: Props, context: CallContext): Promise<Inputs> {
        const parsed = delegation.inputs.parse(program);
        const { inputs = parsed, failures = [] } =
            (await delegation.check?.(parsed, context)) ?? {};
        if (failures.length > 0) throw new Error(JSON.stringify(failures));
        return inputs as Inputs;
    }

    /** Each run is a process of its own: it knows nothing of what another one learnt. */
    #context(signal: AbortSignal): CallContext {
        const config = new ProviderConfiguration(this.#options.config, {});
        this.#options.connect(config);
        const say = (message: string) => {
            this.said.push(message);
        };
        return {
            urn: "urn:pulumi:test::sovereign::sovereign:dns:Delegation::delegation",
            config,
            signal,
            waiting: signal,
            timeoutSeconds: undefined,
            log: { debug: say, info: say, warning: say, status: say },
        };
    }
}
