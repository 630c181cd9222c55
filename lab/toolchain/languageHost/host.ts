import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { status } from "@grpc/grpc-js";
import type { sendUnaryData, ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import type { ILanguageRuntimeServer } from "@pulumi/pulumi/proto/language_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/language_pb.js";
import type {
    ProgramInfo,
    RunPluginRequest,
    RunRequest,
} from "@pulumi/pulumi/proto/language_pb.js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import {
    environmentOf,
    pluginArguments,
    programArguments,
    programEnvironment,
    runtimeOptions,
} from "./commandLine.ts";
import type { ProgramRun, RuntimeOptions } from "./commandLine.ts";
import { installedDependencies, requiredPackages } from "./requiredPackages.ts";
import { resolveSdk } from "./resolveSdk.ts";

/** The SDK's program ends with this code when it has already told the person what is wrong. */
const ALREADY_REPORTED = 32;

function optionsOf(info: ProgramInfo | undefined): RuntimeOptions {
    return runtimeOptions(info?.getOptions()?.toJavaScript());
}

function directoryOf(info: ProgramInfo | undefined): string {
    return info?.getProgramDirectory() ?? process.cwd();
}

function programRun(request: RunRequest, engineAddress: string): ProgramRun {
    const info = request.getInfo();
    return {
        monitorAddress: request.getMonitorAddress(),
        engineAddress,
        organization: request.getOrganization(),
        project: request.getProject(),
        stack: request.getStack(),
        rootDirectory: info?.getRootDirectory() ?? directoryOf(info),
        programDirectory: directoryOf(info),
        entryPoint: info?.getEntryPoint() ?? "",
        dryRun: request.getDryrun(),
        parallel: request.getParallel(),
        arguments: request.getArgsList(),
        config: Object.fromEntries(request.getConfigMap().toArray()),
        configSecretKeys: request.getConfigsecretkeysList(),
    };
}

type Answer<T> = sendUnaryData<T>;

/** Answers with what `work` resolves to, or with its error in words. */
function answer<T>(callback: Answer<T>, work: () => Promise<T>): void {
    work().then(
        (value) => {
            callback(null, value);
        },
        (error: unknown) => {
            const details = error instanceof Error ? error.message : String(error);
            callback({ code: status.FAILED_PRECONDITION, details });
        },
    );
}

function unimplemented<T>(what: string) {
    return (_call: unknown, callback: Answer<T>): void => {
        callback({
            code: status.UNIMPLEMENTED,
            details: `the lab's Node language host cannot ${what}; use the official Pulumi CLI (https://www.pulumi.com/docs/iac/download-install/)`,
        });
    };
}

/**
 * A language host for Node programs, plugins and policy packs, on the protocol that the SDK ships
 * (`pulumirpc.LanguageRuntime`). It takes the place of `pulumi-language-nodejs` where the official one cannot be had, and
 * leaves out what needs a package manager or code generation.
 */
export class LanguageHost {
    readonly #children = new Set<ChildProcess>();
    readonly #version: string;
    #engineAddress: string;

    /**
     * @param version - what it reports as its own
     * @param engineAddress - `host:port` of the engine, from the command line
     */
    constructor(version: string, engineAddress: string) {
        this.#version = version;
        this.#engineAddress = engineAddress;
    }

    /** Ends every program and plugin that it started. */
    stop(): void {
        for (const child of this.#children) child.kill();
    }

    /** The protocol's methods. */
    methods(): ILanguageRuntimeServer {
        return {
            handshake: (call, callback) => {
                this.#engineAddress = call.request.getEngineAddress() || this.#engineAddress;
                callback(null, new messages.LanguageHandshakeResponse());
            },
            getPluginInfo: (_call, callback) => {
                const info = new pluginMessages.PluginInfo();
                info.setVersion(this.#version);
                callback(null, info);
            },
            getRequiredPackages: (call, callback) => {
                answer(callback, async () => {
                    const response = new messages.GetRequiredPackagesResponse();
                    for (const found of await requiredPackages(
                        directoryOf(call.request.getInfo()),
                    )) {
                        const dependency = new pluginMessages.PackageDependency();
                        dependency.setKind("resource");
                        dependency.setName(found.name);
                        dependency.setVersion(found.version);
                        dependency.setServer(found.server ?? "");
                        response.addPackages(dependency);
                    }
                    return response;
                });
            },
            // Superseded by getRequiredPackages; the engine only asks where that one is unimplemented.
            getRequiredPlugins: unimplemented("list plugins by the superseded call"),
            getProgramDependencies: (call, callback) => {
                answer(callback, async () => {
                    const response = new messages.GetProgramDependenciesResponse();
                    const directory = directoryOf(call.request.getInfo());
                    for (const [name, version] of await installedDependencies(directory)) {
                        const dependency = new messages.DependencyInfo();
                        dependency.setName(name);
                        dependency.setVersion(version);
                        response.addDependencies(dependency);
                    }
                    return response;
                });
            },
            about: (_call, callback) => {
                const response = new messages.AboutResponse();
                response.setExecutable(process.execPath);
                response.setVersion(process.version);
                callback(null, response);
            },
            run: (call, callback) => {
                answer(callback, () => this.#run(call));
            },
            runPlugin: (call) => {
                this.#runPlugin(call);
            },
            runtimeOptionsPrompts: (_call, callback) => {
                callback(null, new messages.RuntimeOptionsResponse());
            },
            installDependencies: (call) => {
                call.emit("error", {
                    code: status.UNIMPLEMENTED,
                    details: `install the packages yourself: cd ${call.request.getDirectory()} && npm ci --ignore-scripts`,
                });
            },
            template: (_call, callback) => {
                callback(null, new messages.TemplateResponse());
            },
            generateProgram: unimplemented("generate programs"),
            generateProject: unimplemented("generate projects"),
            generatePackage: unimplemented("generate SDKs"),
            pack: unimplemented("pack packages"),
            link: unimplemented("link packages"),
            cancel: (_call, callback) => {
                this.stop();
                callback(null, new emptyMessages.Empty());
            },
        };
    }

    async #run(call: ServerUnaryCall<RunRequest, unknown>) {
        const run = programRun(call.request, this.#engineAddress);
        const options = optionsOf(call.request.getInfo());
        const sdk = resolveSdk(run.programDirectory, "run");
        const child = this.#spawn(programArguments(run, options, sdk), {
            directory: run.programDirectory,
            environment: programEnvironment(run, options),
            output: "inherit",
        });
        call.on("cancelled", () => child.kill());
        const code = await exitCode(child);
        const response = new messages.RunResponse();
        if (code === ALREADY_REPORTED) response.setBail(true);
        else if (code !== 0) response.setError(`the program ended with exit code ${code}`);
        return response;
    }

    #runPlugin(
        call: ServerWritableStream<
            RunPluginRequest,
            InstanceType<typeof messages.RunPluginResponse>
        >,
    ): void {
        const { request } = call;
        const directory = directoryOf(request.getInfo());
        const policy = request.getKind() === "analyzer";
        try {
            const sdk = resolveSdk(directory, policy ? "run-policy-pack" : "run-plugin");
            const args = pluginArguments(
                {
                    kind: request.getKind(),
                    programDirectory: directory,
                    arguments: request.getArgsList(),
                },
                optionsOf(request.getInfo()),
                sdk,
            );
            const child = this.#spawn(args, {
                directory: policy ? directory : request.getPwd(),
                environment: environmentOf(request.getEnvList()),
                output: "pipe",
            });
            const send = (fill: (r: InstanceType<typeof messages.RunPluginResponse>) => void) => {
                const response = new messages.RunPluginResponse();
                fill(response);
                call.write(response);
            };
            child.stdout?.on("data", (chunk: Buffer) => {
                send((response) => response.setStdout(chunk));
            });
            child.stderr?.on("data", (chunk: Buffer) => {
                send((response) => response.setStderr(chunk));
            });
            call.on("cancelled", () => child.kill());
            child.once("error", (error) => call.emit("error", failure(error)));
            child.once("close", (code) => {
                send((response) => response.setExitcode(code ?? 1));
                call.end();
            });
        } catch (error) {
            call.emit("error", failure(error));
        }
    }

    #spawn(
        args: readonly string[],
        how: {
            readonly directory: string;
            readonly environment: Readonly<Record<string, string>>;
            readonly output: "inherit" | "pipe";
        },
    ): ChildProcess {
        const child = spawn(process.execPath, args, {
            cwd: how.directory,
            env: { ...process.env, ...how.environment },
            stdio: ["ignore", how.output, how.output],
        });
        this.#children.add(child);
        child.once("close", () => this.#children.delete(child));
        return child;
    }
}

function failure(error: unknown) {
    return {
        code: status.FAILED_PRECONDITION,
        details: error instanceof Error ? error.message : String(error),
    };
}

/** Exit code; a signal counts as failure. */
async function exitCode(child: ChildProcess): Promise<number> {
    return await new Promise((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (code) => {
            resolve(code ?? 1);
        });
    });
}
