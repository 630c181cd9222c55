import services from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import type {
    AnalyzeRequest,
    AnalyzerResource,
    AnalyzeStackRequest,
} from "@pulumi/pulumi/proto/analyzer_pb.js";
import { resourceOf } from "./resource.ts";
import type { Resource } from "./resource.ts";
import { readSavedResources } from "./savedState.ts";
import type { SavedResource, StackRun } from "./stackRun.ts";
import type { Properties } from "./values.ts";

/**
 * What the engine sends to the pack, as it is sent. The SDK hands a policy its values with secrets opened, unknown ones as
 * exceptions, and without the stack's configuration; the rules judge just those three.
 */
export class ObservedStack implements StackRun {
    preview = false;
    config: Readonly<Record<string, string>> = {};
    resources: readonly Resource[] = [];
    #saved: Promise<readonly SavedResource[]> | undefined;
    readonly #analyzed = new Map<string, Resource>();

    /** Looks at every request from now on; call it before the pack is served. */
    static observe(): ObservedStack {
        const observed = new ObservedStack();
        const { analyze, analyzeStack, configureStack } = services.AnalyzerService;
        onRequest(analyze, (request) => {
            const resource = received(request);
            observed.#analyzed.set(resource.urn, resource);
        });
        onRequest(analyzeStack, (request: AnalyzeStackRequest) => {
            observed.resources = request
                .getResourcesList()
                .map((sent) => received(sent, observed.#analyzed.get(sent.getUrn())?.inputs));
        });
        onRequest(configureStack, (request) => {
            observed.preview = request.getDryRun();
            observed.config = Object.fromEntries(request.getConfigMap().toArray());
            const name = [request.getOrganization(), request.getProject(), request.getStack()];
            // Read while the program runs; who asks for it gets the error.
            observed.#saved = observed.preview ? readSavedResources(name.join("/")) : undefined;
            observed.#saved?.catch(() => undefined);
        });
        return observed;
    }

    /** The resource that is analyzed. */
    analyzed(urn: string): Resource {
        const resource = this.#analyzed.get(urn);
        if (!resource)
            throw new Error(
                `the engine's request for ${urn} was not seen: @pulumi/policy must use the @pulumi/pulumi of the project (npm ls @pulumi/pulumi)`,
            );
        return resource;
    }

    async savedResources(): Promise<readonly SavedResource[]> {
        return (await this.#saved) ?? [];
    }
}

/** Shows each request of a method, once it is decoded, before it is handled. */
function onRequest<T>(
    method: { requestDeserialize: (bytes: Buffer) => T },
    look: (request: T) => void,
): void {
    const decode = method.requestDeserialize.bind(method);
    method.requestDeserialize = (bytes) => {
        const request = decode(bytes);
        look(request);
        return request;
    };
}

function received(request: AnalyzeRequest | AnalyzerResource, inputs?: Properties): Resource {
    const sent = {
        urn: request.getUrn(),
        type: request.getType(),
        name: request.getName(),
        properties: request.getProperties()?.toJavaScript() ?? {},
        protect: request.getOptions()?.getProtect() ?? false,
    };
    return resourceOf(sent, inputs);
}
