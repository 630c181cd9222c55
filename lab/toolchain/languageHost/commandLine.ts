/** What the engine asks to be run, as plain data. */
export interface ProgramRun {
    readonly monitorAddress: string;
    readonly engineAddress: string;
    readonly organization: string;
    readonly project: string;
    readonly stack: string;
    readonly rootDirectory: string;
    readonly programDirectory: string;
    readonly entryPoint: string;
    readonly dryRun: boolean;
    readonly parallel: number;
    readonly arguments: readonly string[];
    /** Fully qualified keys (`project:key`) to values; secrets in the clear, as the SDK expects them. */
    readonly config: Readonly<Record<string, string>>;
    readonly configSecretKeys: readonly string[];
}

/** The `runtime.options` of `Pulumi.yaml` that matter to Node. */
export interface RuntimeOptions {
    /** Whether the SDK loads ts-node. @default true */
    readonly typescript: boolean;
    /** Arguments for Node itself. */
    readonly nodeArguments: readonly string[];
}

/** Reads `runtime.options`; unknown ones are left alone, as the official host does. */
export function runtimeOptions(options: Readonly<Record<string, unknown>> = {}): RuntimeOptions {
    const { typescript, nodeargs } = options;
    const words = typeof nodeargs === "string" ? nodeargs.split(/\s+/) : [];
    return {
        typescript: typescript !== false && typescript !== "false",
        nodeArguments: words.filter((word) => word !== ""),
    };
}

/** Arguments of Node for a program: `sdk` is the SDK's `cmd/run` entry point. */
export function programArguments(run: ProgramRun, options: RuntimeOptions, sdk: string): string[] {
    return [
        ...options.nodeArguments,
        sdk,
        "--monitor",
        run.monitorAddress,
        "--engine",
        run.engineAddress,
        "--organization",
        run.organization,
        "--project",
        run.project,
        "--root-directory",
        run.rootDirectory,
        "--stack",
        run.stack,
        "--pwd",
        run.programDirectory,
        ...(run.dryRun ? ["--dry-run"] : []),
        "--parallel",
        String(run.parallel),
        run.entryPoint === "" ? "." : run.entryPoint,
        ...run.arguments,
    ];
}

/** Environment by which the SDK learns the stack's config. */
export function programEnvironment(
    run: ProgramRun,
    options: RuntimeOptions,
): Record<string, string> {
    return {
        PULUMI_CONFIG: JSON.stringify(run.config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.configSecretKeys),
        ...(options.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    };
}

/** A plugin or policy pack that is itself a Node program. */
export interface PluginRun {
    /** `resource`, `analyzer`, …. */
    readonly kind: string;
    readonly programDirectory: string;
    readonly arguments: readonly string[];
}

/** Arguments of Node for a plugin. A policy pack takes the engine's address first, other plugins their directory. */
export function pluginArguments(run: PluginRun, options: RuntimeOptions, sdk: string): string[] {
    return run.kind === "analyzer"
        ? [...options.nodeArguments, sdk, ...run.arguments, run.programDirectory]
        : [...options.nodeArguments, sdk, run.programDirectory, ...run.arguments];
}

/** `NAME=value` lines as an object; a value may hold further equals signs. */
export function environmentOf(lines: readonly string[]): Record<string, string> {
    return Object.fromEntries(
        lines.map((line) => {
            const at = line.indexOf("=");
            return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
        }),
    );
}
