import {
    status,
    type sendUnaryData,
    type ServerUnaryCall,
    type UntypedHandleCall,
} from "@grpc/grpc-js";
import { ResourceOperations } from "./operations.ts";
import { packageSchema } from "./packageSchema.ts";
import { serviceError } from "./failures.ts";
import {
    emptyProto,
    pluginProto,
    providerProto,
    type CheckRequest,
    type ConfigureRequest,
    type CreateRequest,
    type DeleteRequest,
    type DiffRequest,
    type PluginAttach,
    type ProviderHandshakeRequest,
    type ReadRequest,
    type Struct,
    type UpdateRequest,
} from "./protocol.ts";
import { checkConfig, configure, diffConfig } from "./providerConfig.ts";
import type { ProviderRuntime } from "./runtime.ts";

/** Methods of the protocol that this provider has no use for, and says so. */
const UNIMPLEMENTED = ["parameterize", "invoke", "call", "construct", "list"] as const;

/** Implements `pulumirpc.ResourceProvider` over the resources of `runtime`. */
export function providerService(runtime: ProviderRuntime): Record<string, UntypedHandleCall> {
    const operations = new ResourceOperations(runtime);
    const unary =
        <Request, Response>(
            act: (request: Request) => Response | Promise<Response>,
            secretKeys: (request: Request) => ReadonlySet<string> = () => new Set(),
        ) =>
        (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
            void answer(runtime, call.request, act, secretKeys, callback);
        };
    return {
        handshake: unary((request: ProviderHandshakeRequest) => {
            runtime.log.connect(request.getEngineAddress());
            const response = new providerProto.ProviderHandshakeResponse();
            response.setAcceptSecrets(true);
            response.setAcceptResources(false);
            response.setAcceptOutputs(false);
            return response;
        }),
        attach: unary((request: PluginAttach) => {
            runtime.log.connect(request.getAddress());
            return new emptyProto.Empty();
        }),
        getPluginInfo: unary(() => {
            const response = new pluginProto.PluginInfo();
            response.setVersion(runtime.version);
            return response;
        }),
        getSchema: unary(() => {
            const response = new providerProto.GetSchemaResponse();
            response.setSchema(JSON.stringify(packageSchema(runtime.version, runtime.resources)));
            return response;
        }),
        getMapping: unary(() => new providerProto.GetMappingResponse()),
        getMappings: unary(() => new providerProto.GetMappingsResponse()),
        checkConfig: unary((request: CheckRequest) => checkConfig(runtime, request)),
        diffConfig: unary((request: DiffRequest) => diffConfig(runtime, request)),
        configure: unary((request: ConfigureRequest) => configure(runtime, request)),
        check: unary((request: CheckRequest) => operations.check(request)),
        diff: unary((request: DiffRequest) => operations.diff(request)),
        create: unary(
            (request: CreateRequest) => operations.create(request),
            (request) => operations.secretProperties(request.getUrn(), request.getProperties()),
        ),
        read: unary(
            (request: ReadRequest) => operations.read(request),
            secretsOf(operations, (request) => [request.getProperties(), request.getInputs()]),
        ),
        update: unary(
            (request: UpdateRequest) => operations.update(request),
            secretsOf(operations, (request) => [request.getNews(), request.getOlds()]),
        ),
        delete: unary((request: DeleteRequest) => operations.delete(request)),
        cancel: unary(() => {
            runtime.cancel();
            return new emptyProto.Empty();
        }),
        ...Object.fromEntries(UNIMPLEMENTED.map((name) => [name, unimplemented(name)])),
    };
}

function secretsOf<Request extends { getUrn(): string }>(
    operations: ResourceOperations,
    messages: (request: Request) => (Struct | undefined)[],
): (request: Request) => ReadonlySet<string> {
    return (request) => operations.secretProperties(request.getUrn(), ...messages(request));
}

async function answer<Request, Response>(
    runtime: ProviderRuntime,
    request: Request,
    act: (request: Request) => Response | Promise<Response>,
    secretKeys: (request: Request) => ReadonlySet<string>,
    callback: sendUnaryData<Response>,
): Promise<void> {
    try {
        const response = await act(request);
        await runtime.log.flush();
        callback(null, response);
    } catch (error) {
        await runtime.log.flush();
        callback(serviceError(error, runtime.redaction, keysOrNone(request, secretKeys)));
    }
}

function keysOrNone<Request>(
    request: Request,
    secretKeys: (request: Request) => ReadonlySet<string>,
): ReadonlySet<string> {
    try {
        return secretKeys(request);
    } catch {
        return new Set();
    }
}

function unimplemented(name: string): UntypedHandleCall {
    const error = {
        code: status.UNIMPLEMENTED,
        details: `the sovereign provider has no ${name}`,
    };
    if (name === "list")
        return (call: { emit(event: "error", error: unknown): void }) => {
            call.emit("error", error);
        };
    return (_call: unknown, callback: sendUnaryData<never>) => {
        callback(error);
    };
}
