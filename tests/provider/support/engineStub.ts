import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";

/** One message that the provider sent to the engine's log. */
export interface LoggedMessage {
    readonly severity: "debug" | "info" | "warning" | "error";
    readonly message: string;
    readonly urn: string;
    readonly ephemeral: boolean;
}

const SEVERITIES = ["debug", "info", "warning", "error"] as const;

/** The engine's log service, which keeps what it is told. */
export class EngineStub {
    readonly messages: LoggedMessage[] = [];
    readonly #server = new Server();

    /** Resolves to the address to give to a plugin. */
    async start(): Promise<string> {
        this.#server.addService(engineServices.EngineService, {
            log: (call: ServerUnaryCall<LogRequest, Empty>, done: sendUnaryData<Empty>) => {
                this.messages.push({
                    severity: SEVERITIES[call.request.getSeverity()],
                    message: call.request.getMessage(),
                    urn: call.request.getUrn(),
                    ephemeral: call.request.getEphemeral(),
                });
                done(null, new emptyProto.Empty());
            },
        });
        const port = await new Promise<number>((resolve, reject) => {
            this.#server.bindAsync(
                "127.0.0.1:0",
                ServerCredentials.createInsecure(),
                (error, bound) => {
                    if (error === null) resolve(bound);
                    else reject(error);
                },
            );
        });
        return `127.0.0.1:${port}`;
    }

    stop(): void {
        this.#server.forceShutdown();
    }
}
