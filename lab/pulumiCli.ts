import { mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { CLONE, cacheDirectory } from "./toolchain/directories.ts";
import type { Toolchain } from "./toolchain/toolchain.ts";

/** Which stack of which backend the CLI works on. */
export interface PulumiWorkspace {
    readonly toolchain: Toolchain;
    /** Directory of the file backend and of everything that Pulumi, Helm and kubectl keep beside it. */
    readonly directory: string;
    readonly stack: string;
    /** Passphrase of the stack's secrets. */
    readonly passphrase: string;
    /** Directory with `Pulumi.yaml`. @default this clone */
    readonly project?: string;
    /** The stack's config, where it is not `Pulumi.<stack>.yaml` of the project. */
    readonly configFile?: string;
    /** Added to the environment. */
    readonly environment?: Readonly<Record<string, string>>;
}

/** How a run of the CLI ended. */
export interface PulumiResult {
    readonly exitCode: number;
    readonly stdout: string;
    readonly stderr: string;
}

/** Settings of the person's shell that would lead Pulumi or Helm elsewhere. */
const UNSET = [
    "KUBECONFIG",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_STACK",
    "HCLOUD_TOKEN",
    "HCLOUD_ENDPOINT",
] as const;

/**
 * Environment in which Pulumi and what it starts keep everything in the workspace's directory, ask no site for updates,
 * and reach the lab without a proxy.
 */
export function pulumiEnvironment(workspace: PulumiWorkspace): Record<string, string | undefined> {
    const { toolchain, directory, passphrase, environment = {} } = workspace;
    const helm = join(directory, "helm");
    const noProxy = [process.env.NO_PROXY, "127.0.0.0/8", "localhost"].filter(Boolean).join(",");
    return {
        ...Object.fromEntries(UNSET.map((name) => [name, undefined])),
        PATH: [...toolchain.path, process.env.PATH ?? ""].join(delimiter),
        PULUMI_HOME: toolchain.pulumiHome,
        PULUMI_BACKEND_URL: `file://${join(directory, "backend")}`,
        PULUMI_CONFIG_PASSPHRASE: passphrase,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
        HELM_CACHE_HOME: join(helm, "cache"),
        HELM_CONFIG_HOME: join(helm, "config"),
        HELM_DATA_HOME: join(helm, "data"),
        // The program, the language host and the provider load the same large packages in every run.
        NODE_COMPILE_CACHE: join(cacheDirectory(), "node-compile"),
        NO_PROXY: noProxy,
        no_proxy: noProxy,
        ...environment,
    };
}

/** The real Pulumi CLI on one stack of a file backend. */
export class PulumiCli {
    readonly #workspace: PulumiWorkspace;

    constructor(workspace: PulumiWorkspace) {
        this.#workspace = workspace;
    }

    /**
     * Runs a command of the CLI and gives back what it printed, whatever its exit code.
     *
     * @param args - without `--stack` and `--config-file`, which are added
     */
    async run(
        args: readonly string[],
        options: { signal?: AbortSignal } = {},
    ): Promise<PulumiResult> {
        return await this.#execute(args, options);
    }

    /** Runs a command of the CLI on this terminal; resolves to its exit code. */
    async show(args: readonly string[]): Promise<number> {
        return (await this.#execute(args, { terminal: "stdout" })).exitCode;
    }

    /** Like {@link show}, where standard output belongs to something else. */
    async showOnStderr(args: readonly string[]): Promise<number> {
        return (await this.#execute(args, { terminal: "stderr" })).exitCode;
    }

    /**
     * Runs a command that prints JSON.
     *
     * @throws Error with what the CLI said
     */
    async json(args: readonly string[]): Promise<unknown> {
        const { exitCode, stdout, stderr } = await this.run([...args, "--json"]);
        if (exitCode !== 0)
            throw new Error(
                `pulumi ${args.join(" ")} ended with exit code ${exitCode}:\n${stderr}`,
            );
        return JSON.parse(stdout);
    }

    /** Makes the stack where the backend does not have it. */
    async ensureStack(): Promise<void> {
        const { stack, directory } = this.#workspace;
        await mkdir(join(directory, "backend"), { recursive: true });
        const known = await this.#bare(["stack", "ls", "--json"]);
        const stacks = JSON.parse(known.exitCode === 0 ? known.stdout : "[]") as {
            readonly name: string;
        }[];
        if (stacks.some(({ name }) => name.split("/").at(-1) === stack)) return;
        const made = await this.#bare(["stack", "init", stack, "--no-select"]);
        if (made.exitCode !== 0)
            throw new Error(`the stack ${stack} could not be made:\n${made.stderr}`);
    }

    async #execute(args: readonly string[], how: HowToRun): Promise<PulumiResult> {
        const { stack, configFile } = this.#workspace;
        const selection = ["--stack", stack];
        if (configFile !== undefined && TAKES_CONFIG_FILE.has(args[0] ?? ""))
            selection.push("--config-file", configFile);
        return await this.#bare([...args, ...selection], how);
    }

    async #bare(args: readonly string[], how: HowToRun = {}): Promise<PulumiResult> {
        const { toolchain, project = CLONE } = this.#workspace;
        const interactive = how.terminal === "stdout" && process.stdout.isTTY;
        const shown = how.terminal === "stderr" ? process.stderr : "inherit";
        const { exitCode, stdout, stderr } = await execa(
            toolchain.pulumi.path,
            [...args, ...(interactive ? [] : ["--non-interactive"])],
            {
                cwd: project,
                env: pulumiEnvironment(this.#workspace),
                reject: false,
                stdin: "ignore",
                stdout: how.terminal === undefined ? "pipe" : shown,
                stderr: how.terminal === undefined ? "pipe" : "inherit",
                ...(how.signal ? { cancelSignal: how.signal } : {}),
            },
        );
        return { exitCode: exitCode ?? 1, stdout: stdout ?? "", stderr: stderr ?? "" };
    }
}

interface HowToRun {
    /** Where the terminal's output goes. @default nowhere: it is given back */
    readonly terminal?: "stdout" | "stderr";
    readonly signal?: AbortSignal;
}

/** Commands that read the stack's config. */
const TAKES_CONFIG_FILE: ReadonlySet<string> = new Set([
    "config",
    "destroy",
    "import",
    "preview",
    "refresh",
    "up",
]);
