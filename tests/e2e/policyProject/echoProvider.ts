/**
 * A provider of every type: outputs are the inputs, and what tells one making from another, known once it is made. A changed
 * `name` replaces. So the engine, and with it the policies, see any resource that a test can write down.
 */
import { isDeepStrictEqual } from "node:util";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { handleUnaryCall, UntypedHandleCall } from "@grpc/grpc-js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type {
    CheckRequest,
    CreateRequest,
    DiffRequest,
    UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";

/** What the engine knows as a text that is not known yet (Pulumi's `plugin.UnknownStringValue`). */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Json = Record<string, struct.JavaScriptValue>;

/** Outputs that real providers compute for the types at hand. */
const COMPUTED = ["id", "claim", "publicKeyPem"];

function propsOf(sent: Struct | undefined): Json {
    return sent?.toJavaScript() ?? {};
}

function made(inputs: Json, value: string): Struct {
    const computed = Object.fromEntries(COMPUTED.map((name) => [name, value]));
    return struct.Struct.fromJavaScript({ ...inputs, ...computed });
}

function unary(act: (request: never) => object): UntypedHandleCall {
    const handle: handleUnaryCall<unknown, object> = (call, callback) => {
        try {
            callback(null, act(call.request as never));
        } catch (error) {
            callback(error instanceof Error ? error : new Error(String(error)));
        }
    };
    return handle;
}

const checked = unary((request: CheckRequest) => {
    const response = new messages.CheckResponse();
    response.setInputs(request.getNews());
    return response;
});

const empty = () => new emptyMessages.Empty();

const implementation = {
    checkConfig: checked,
    diffConfig: unary(() => new messages.DiffResponse()),
    configure: unary(() => {
        const response = new messages.ConfigureResponse();
        response.setAcceptsecrets(true);
        response.setSupportspreview(true);
        return response;
    }),
    check: checked,
    diff: unary((request: DiffRequest) => {
        const [olds, news] = [propsOf(request.getOldInputs()), propsOf(request.getNews())];
        const response = new messages.DiffResponse();
        response.setChanges(
            isDeepStrictEqual(olds, news)
                ? messages.DiffResponse.DiffChanges.DIFF_NONE
                : messages.DiffResponse.DiffChanges.DIFF_SOME,
        );
        if (olds.name !== news.name) response.setReplacesList(["name"]);
        return response;
    }),
    create: unary((request: CreateRequest) => {
        const response = new messages.CreateResponse();
        if (!request.getPreview()) response.setId(request.getUrn());
        response.setProperties(
            made(propsOf(request.getProperties()), request.getPreview() ? UNKNOWN : "made"),
        );
        return response;
    }),
    update: unary((request: UpdateRequest) => {
        const response = new messages.UpdateResponse();
        response.setProperties(made(propsOf(request.getNews()), "made"));
        return response;
    }),
    delete: unary(empty),
    cancel: unary(empty),
    attach: unary(empty),
    getPluginInfo: unary(() => {
        const response = new pluginMessages.PluginInfo();
        response.setVersion("1.0.0");
        return response;
    }),
};

const server = new Server();
server.addService(services.ResourceProviderService, implementation);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
});

/** An engine that was killed cannot say goodbye. */
const parent = process.ppid;
setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
}, 2000).unref();
