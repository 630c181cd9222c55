import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { credentials } from "@grpc/grpc-js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import providerServices from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { EngineStub, type LoggedMessage } from "./engineStub.ts";
import {
    checkAnswer,
    checkRequest,
    createRequest,
    deleteRequest,
    diffAnswer,
    diffRequest,
    readRequest,
    updateRequest,
    type CallOptions,
    type CheckAnswer,
    type DiffAnswer,
    type Resource,
} from "./requests.ts";
import { unary } from "./unary.ts";
import { fromStruct, toStruct, type Props } from "./wireValues.ts";

export { isSecret, secret, unknown, type Props } from "./wireValues.ts";
export { ProviderCallError } from "./unary.ts";
export { urnOf, type Resource } from "./requests.ts";

const EXECUTABLE = fileURLToPath(
    new URL("../../../provider/pulumi-resource-sovereign", import.meta.url),
);

const PROVIDER = "pulumi:providers:sovereign";

type Client = InstanceType<typeof providerServices.ResourceProviderClient>;
type PluginProcess = ChildProcessByStdio<null, Readable, Readable>;

/** The real plugin process, driven by gRPC as the engine drives it. */
export class ProviderClient {
    readonly #process: PluginProcess;
    readonly #engine: EngineStub;
    readonly #stderr: string[];
    /** The generated client, for calls that have no method here. */
    readonly raw: Client;

    private constructor(
        process: PluginProcess,
        engine: EngineStub,
        client: Client,
        stderr: string[],
    ) {
        this.#process = process;
        this.#engine = engine;
        this.raw = client;
        this.#stderr = stderr;
    }

    /**
     * Starts the plugin and configures it. `environment` is added to a bare one without any credentials; `executable` is a
     * script for node.
     */
    static async start(
        config: Props = {},
        environment: Readonly<Record<string, string>> = {},
        executable = EXECUTABLE,
    ): Promise<ProviderClient> {
        const engine = new EngineStub();
        const address = await engine.start();
        const child = spawn(process.execPath, [executable, address], {
            env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
            stdio: ["ignore", "pipe", "pipe"],
        });
        const stderr: string[] = [];
        child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk.toString()));
        const port = await listeningPort(child, stderr);
        const client = new providerServices.ResourceProviderClient(
            `127.0.0.1:${port}`,
            credentials.createInsecure(),
        );
        const provider = new ProviderClient(child, engine, client, stderr);
        await provider.configure(config);
        return provider;
    }

    /** What the provider told the engine, in order. */
    get messages(): readonly LoggedMessage[] {
        return this.#engine.messages;
    }

    /** What the process wrote to stderr. */
    get stderr(): string {
        return this.#stderr.join("");
    }

    async stop(): Promise<void> {
        this.raw.close();
        if (this.#process.exitCode === null && this.#process.signalCode === null) {
            const ended = once(this.#process, "exit");
            this.#process.kill("SIGKILL");
            await ended;
        }
        this.#engine.stop();
    }

    async schema(): Promise<Record<string, unknown>> {
        const response = await unary(
            this.raw.getSchema.bind(this.raw),
            new messages.GetSchemaRequest(),
        );
        return JSON.parse(response.getSchema()) as Record<string, unknown>;
    }

    async checkConfig(config: Props): Promise<CheckAnswer> {
        const request = checkRequest(PROVIDER, {}, config);
        return checkAnswer(await unary(this.raw.checkConfig.bind(this.raw), request));
    }

    async diffConfig(olds: Props, news: Props): Promise<DiffAnswer> {
        const request = diffRequest(PROVIDER, { id: "", state: olds, inputs: olds }, news);
        return diffAnswer(await unary(this.raw.diffConfig.bind(this.raw), request));
    }

    async configure(config: Props): Promise<void> {
        const request = new messages.ConfigureRequest();
        request.setArgs(toStruct(config));
        request.setAcceptsecrets(true);
        await unary(this.raw.configure.bind(this.raw), request);
    }

    async check(token: string, news: Props, olds: Props = {}, name?: string): Promise<CheckAnswer> {
        const request = checkRequest(token, olds, news, name);
        return checkAnswer(await unary(this.raw.check.bind(this.raw), request));
    }

    /** Checks `program`, then compares the existing resource with it. */
    async diff(token: string, existing: Resource, program: Props): Promise<DiffAnswer> {
        const inputs = await this.#checked(token, program, existing.inputs);
        const request = diffRequest(token, existing, inputs);
        return diffAnswer(await unary(this.raw.diff.bind(this.raw), request));
    }

    /** Checks, then creates. Throws when the check fails. */
    async create(token: string, program: Props, options: CallOptions = {}): Promise<Resource> {
        const inputs = await this.#checked(token, program, {}, options.name);
        const request = createRequest(token, inputs, false, options);
        const response = await unary(this.raw.create.bind(this.raw), request);
        return { id: response.getId(), inputs, state: fromStruct(response.getProperties()) };
    }

    /** Checks, then asks what a create would do. Resolves to the foretold state. */
    async previewCreate(token: string, program: Props): Promise<Props> {
        const inputs = await this.#checked(token, program);
        const request = createRequest(token, inputs, true);
        const response = await unary(this.raw.create.bind(this.raw), request);
        return fromStruct(response.getProperties());
    }

    /** Reads what is live, as a refresh does; undefined when it is gone. */
    refresh(token: string, existing: Resource): Promise<Resource | undefined> {
        return this.#read(token, existing);
    }

    /** Reads by id alone, as an import does. */
    import(token: string, id: string): Promise<Resource | undefined> {
        return this.#read(token, { id, state: {}, inputs: {} });
    }

    /** Checks, then updates. */
    async update(
        token: string,
        existing: Resource,
        program: Props,
        timeoutSeconds = 0,
    ): Promise<Resource> {
        const inputs = await this.#checked(token, program, existing.inputs);
        const request = updateRequest(token, existing, inputs, false, timeoutSeconds);
        const response = await unary(this.raw.update.bind(this.raw), request);
        return { id: existing.id, inputs, state: fromStruct(response.getProperties()) };
    }

    async previewUpdate(token: string, existing: Resource, program: Props): Promise<Props> {
        const inputs = await this.#checked(token, program, existing.inputs);
        const request = updateRequest(token, existing, inputs, true, 0);
        const response = await unary(this.raw.update.bind(this.raw), request);
        return fromStruct(response.getProperties());
    }

    async delete(token: string, existing: Resource, timeoutSeconds = 0): Promise<void> {
        const request = deleteRequest(token, existing, timeoutSeconds);
        await unary(this.raw.delete.bind(this.raw), request);
    }

    async cancel(): Promise<void> {
        await unary(this.raw.cancel.bind(this.raw), new emptyProto.Empty());
    }

    async #checked(token: string, program: Props, olds: Props = {}, name?: string): Promise<Props> {
        const { inputs, failures } = await this.check(token, program, olds, name);
        if (failures.length > 0)
            throw new Error(
                `check: ${failures.map((f) => `${f.property}: ${f.reason}`).join("; ")}`,
            );
        return inputs;
    }

    async #read(token: string, existing: Resource): Promise<Resource | undefined> {
        const request = readRequest(token, existing);
        const response = await unary(this.raw.read.bind(this.raw), request);
        if (response.getId() === "") return undefined;
        return {
            id: response.getId(),
            inputs: fromStruct(response.getInputs()),
            state: fromStruct(response.getProperties()),
        };
    }
}

async function listeningPort(child: PluginProcess, stderr: readonly string[]): Promise<number> {
    const lines = createInterface({ input: child.stdout });
    const ended = once(child, "exit").then(() => {
        throw new Error(`the plugin ended before it listened: ${stderr.join("")}`);
    });
    const [line] = (await Promise.race([once(lines, "line"), ended])) as [string];
    ended.catch(() => undefined);
    return Number(line);
}
