import { ProviderConfiguration } from "./configuration.ts";
import { EngineLog } from "./engineLog.ts";
import { Redaction } from "./redaction.ts";
import type { CallContext, ResourceImplementation } from "./resource.ts";

/** What lives as long as the plugin's process: configuration, secrets seen, the way to the engine, cancellation. */
export class ProviderRuntime {
    readonly version: string;
    readonly resources: readonly ResourceImplementation[];
    readonly redaction = new Redaction();
    readonly log = new EngineLog(this.redaction);
    readonly #cancellation = new AbortController();
    #configuration = new ProviderConfiguration();

    constructor(version: string, resources: readonly ResourceImplementation[]) {
        this.version = version;
        this.resources = resources;
        this.redaction.add(...this.#configuration.credentials());
    }

    get configuration(): ProviderConfiguration {
        return this.#configuration;
    }

    configure(configuration: ProviderConfiguration): void {
        this.#configuration = configuration;
        this.redaction.add(...configuration.credentials());
    }

    /** Aborts everything under way, and everything that starts afterwards. */
    cancel(): void {
        this.#cancellation.abort(
            new DOMException("the engine cancelled the operation", "AbortError"),
        );
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
        return {
            urn,
            config: this.#configuration,
            signal: limited
                ? AbortSignal.any([
                      this.#cancellation.signal,
                      AbortSignal.timeout(timeoutSeconds * 1000),
                  ])
                : this.#cancellation.signal,
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
