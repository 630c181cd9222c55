import { createRequire } from "node:module";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/language_grpc_pb.js";
import { LanguageHost } from "./host.ts";

/** The engine passes its own address last, after flags such as `--root`. */
const engineAddress = process.argv
    .slice(2)
    .filter((argument) => !argument.startsWith("-"))
    .at(-1);

const { version } = createRequire(import.meta.url)("pulumi/package.json") as { version: string };
const host = new LanguageHost(version, engineAddress ?? "");
const server = new Server();
server.addService(services.LanguageRuntimeService, host.methods());
for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
        host.stop();
        process.exit(0);
    });
/** An engine that is killed cannot say goodbye; its orphan is handed to another parent. */
const PARENT_CHECK = 1000;
const parent = process.ppid;
setInterval(() => {
    if (process.ppid === parent) return;
    host.stop();
    process.exit(0);
}, PARENT_CHECK).unref();

server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    // The engine reads the port from the first line.
    process.stdout.write(`${port}\n`);
});
