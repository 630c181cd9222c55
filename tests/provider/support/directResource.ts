import { describe as inWords } from "../../../provider/framework/failures.ts";
import type { ProviderConfiguration } from "../../../provider/framework/configuration.ts";
import {
    PartialFailure,
    type CallContext,
    type ResourceImplementation,
} from "../../../provider/framework/resource.ts";
import type { Props } from "./client.ts";

/** What is in the state of a resource. */
export interface KeptResource {
    readonly id: string;
    readonly inputs: Props;
    readonly state: Props;
}

/** A resource type in this process, with what the engine does around it. No redaction stands between it and what it says. */
export class DirectResource {
    /** Everything that it said, in logs and in errors, and what a call that failed left in the state. */
    readonly said: unknown[] = [];
    readonly #resource: ResourceImplementation;
    readonly #config: ProviderConfiguration;

    constructor(resource: ResourceImplementation, config: ProviderConfiguration) {
        this.#resource = resource;
        this.#config = config;
    }

    async create(program: Props): Promise<KeptResource> {
        const inputs = await this.#checked(program);
        return this.#listening(async () => {
            const { id, outputs } = await this.#resource.create(inputs, this.#context);
            return { id, inputs, state: { ...inputs, ...outputs } };
        });
    }

    async update({ id, ...before }: KeptResource, program: Props): Promise<KeptResource> {
        const inputs = await this.#checked(program);
        return this.#listening(async () => {
            const outputs = await this.#resource.update?.(id, before, inputs, this.#context);
            return { id, inputs, state: { ...inputs, ...outputs } };
        });
    }

    async delete({ id, state }: KeptResource): Promise<void> {
        await this.#listening(() => this.#resource.delete(id, state, this.#context));
    }

    async #checked(program: Props): Promise<Props> {
        const parsed = this.#resource.inputs.parse(program);
        const { inputs = parsed, failures = [] } =
            (await this.#resource.check?.(parsed, this.#context)) ?? {};
        if (failures.length > 0) throw new Error(JSON.stringify(failures));
        return inputs;
    }

    async #listening<T>(act: () => Promise<T>): Promise<T> {
        try {
            return await act();
        } catch (error) {
            this.said.push(inWords(error));
            if (error instanceof PartialFailure) this.said.push(error.outputs);
            throw error;
        }
    }

    get #context(): CallContext {
        const say = (message: string) => {
            this.said.push(message);
        };
        const { signal } = new AbortController();
        return {
            urn: `urn:pulumi:test::sovereign::${this.#resource.token}::subject`,
            config: this.#config,
            signal,
            waiting: signal,
            timeoutSeconds: undefined,
            log: { debug: say, info: say, warning: say, status: say },
        };
    }
}
