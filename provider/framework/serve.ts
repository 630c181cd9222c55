import { Server, ServerCredentials } from "@grpc/grpc-js";
import { providerServices } from "./protocol.ts";
import type { ResourceImplementation } from "./resource.ts";
import { ProviderRuntime } from "./runtime.ts";
import { providerService } from "./service.ts";

/**
 * Serves the resources to the engine, as the plugin protocol wants it: the engine's address comes as the only argument,
 * and the port that we listen on goes to stdout.
 */
export function serve(version: string, resources: readonly ResourceImplementation[]): void {
    const runtime = new ProviderRuntime(version, resources);
    const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
    if (engineAddress !== undefined) runtime.log.connect(engineAddress);

    process.on("unhandledRejection", (reason) => {
        const message = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
        console.error(runtime.redaction.redact(`unhandled rejection: ${message}`));
        process.exit(1);
    });
    exitWithParent();

    const server = new Server({
        "grpc.max_receive_message_length": -1,
        "grpc.max_send_message_length": -1,
    });
    server.addService(providerServices.ResourceProviderService, providerService(runtime));
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        if (error !== null) {
            console.error(`the sovereign provider cannot listen on 127.0.0.1: ${error.message}`);
            process.exit(1);
        }
        process.stdout.write(`${port}\n`);
    });
}

/** An engine that was killed cannot say so: its child then belongs to another process. */
function exitWithParent(): void {
    const parent = process.ppid;
    setInterval(() => {
        if (process.ppid !== parent) process.exit(0);
    }, 2000).unref();
}
