import { ProviderConfiguration } from "./configuration.ts";
import { EngineLog } from "./engineLog.ts";
import { Redaction } from "./redaction.ts";
import { GRACE, type CallContext, type ResourceImplementation } from "./resource.ts";

/** What lives as long as the plugin's process: configuration, secrets seen, the way to the engine, cancellation. */
export class ProviderRuntime {
    readonly version: string;
    readonly resources: readonly ResourceImplementation[];
    readonly redaction = new Redaction();
    readonly log = new EngineLog(this.redaction);
    readonly #grace: number;
    /** Ends waits, and whatever is asked for afterwards. */
    readonly #cancellation = new AbortController();
    /** Ends what has not come to its end in time. */
    readonly #end = new AbortController();
    #configuration = new ProviderConfiguration();

    /** @param grace - milliseconds that calls have to come to their end when the engine cancels */
    constructor(version: string, resources: readonly ResourceImplementation[], grace = GRACE) {
        this.version = version;
        this.resources = resources;
        this.#grace = grace;
        this.redaction.add(...this.#configuration.credentials());
    }

    get configuration(): ProviderConfiguration {
        return this.#configuration;
    }

    configure(configuration: ProviderConfiguration): void {
        this.#configuration = configuration;
        this.redaction.add(...configuration.credentials());
    }

    /**
     * Ends every wait and refuses what is asked for afterwards, at once. Calls that are writing go on, so that the engine can record what they
     * wrote, and are ended when their grace is over.
     */
    cancel(): void {
        if (this.#cancellation.signal.aborted) return;
        const reason = new DOMException("the engine cancelled the operation", "AbortError");
        this.#cancellation.abort(reason);
        setTimeout(() => {
            this.#end.abort(reason);
        }, this.#grace).unref();
    }

    /** The implementation of a resource by its URN. Throws for a type that this provider does not have. */
    implementation(urn: string): ResourceImplementation {
        const token = typeOf(urn);
        const found = this.resources.find((resource) => resource.token === token);
        if (found === undefined)
            throw new Error(
                `the provider has no resource type ${token}; it has ${this.resources.map((r) => r.token).join(", ")}`,
            );
        return found;
    }

    /** What a call on the resource gets. `timeoutSeconds` 0 means that the user set none. */
    context(urn: string, timeoutSeconds = 0): CallContext {
        const limited = timeoutSeconds > 0;
        const cancelled = this.#cancellation.signal;
        const end = cancelled.aborted ? cancelled : this.#end.signal;
        const signal = limited
            ? AbortSignal.any([end, AbortSignal.timeout(timeoutSeconds * 1000)])
            : end;
        return {
            urn,
            config: this.#configuration,
            signal,
            waiting: limited ? AbortSignal.any([cancelled, signal]) : cancelled,
            timeoutSeconds: limited ? timeoutSeconds : undefined,
            log: this.log.forResource(urn),
        };
    }
}

/** The resource type in a URN: the last of the `$`-separated types in its third part. */
export function typeOf(urn: string): string {
    const qualified = urn.split("::")[2] ?? "";
    return qualified.slice(qualified.lastIndexOf("$") + 1);
}
