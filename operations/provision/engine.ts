import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { automation } from "@pulumi/pulumi";
import { parse, stringify } from "yaml";
import { z } from "zod";

/** Root of this package: the program, with `Pulumi.yaml`. */
export const PROGRAM = join(import.meta.dirname, "../..");

/** Which engine works for whom, and where it keeps what. */
export interface EngineSettings {
    /** Directory that holds one work directory per stack. It has to outlive the process and be private. */
    readonly work: string;
    /** `file:///…`, `s3://…`, `postgres://…`, … @default that of `pulumi login` */
    readonly backend?: string;
    /** `passphrase`, `hashivault://…`, `awskms://…`, … of stacks that are made. @default "passphrase" */
    readonly secretsProvider?: string;
    /** Directory of the program. @default {@link PROGRAM} */
    readonly program?: string;
    /** Directory whose `bin/pulumi` is the CLI. @default the CLI on PATH */
    readonly pulumiRoot?: string;
    /** Added to the engine's environment: passphrase, credentials of the backend. */
    readonly environment?: Readonly<Record<string, string>>;
}

const projectSchema = z.looseObject({
    main: z.string().default("index.ts"),
    plugins: z
        .looseObject({
            providers: z.array(z.looseObject({ name: z.string(), path: z.string().optional() })),
        })
        .optional(),
});

/** The work directory of a stack: its config, its lock, its events. */
export function workDirectory({ work }: Pick<EngineSettings, "work">, stack: string): string {
    return join(work, stack);
}

/** The stack's config file. */
export function stackFile(settings: Pick<EngineSettings, "work">, stack: string): string {
    return join(workDirectory(settings, stack), `Pulumi.${stack}.yaml`);
}

/** `Pulumi.yaml` of a work directory: the program's, whose paths lead back to the program. */
export function projectFile(text: string, program: string): string {
    const project = projectSchema.parse(parse(text));
    return stringify({
        ...project,
        main: join(program, project.main),
        ...(project.plugins && {
            plugins: {
                ...project.plugins,
                providers: project.plugins.providers.map((plugin) =>
                    plugin.path === undefined
                        ? plugin
                        : { ...plugin, path: join(program, plugin.path) },
                ),
            },
        }),
    });
}

/** The environment of every run: the caller's, with the settings' own. */
function environmentOf(settings: EngineSettings): Record<string, string> {
    return {
        PULUMI_SKIP_UPDATE_CHECK: "true",
        ...(settings.backend === undefined ? {} : { PULUMI_BACKEND_URL: settings.backend }),
        ...settings.environment,
    };
}

/** Opens a stack by the Automation API, in its work directory; makes it where the backend does not have it and `create` says so. */
export async function openStack(
    settings: EngineSettings,
    stack: string,
    create: boolean,
): Promise<automation.Stack> {
    const { program = PROGRAM, pulumiRoot, secretsProvider = "passphrase" } = settings;
    const workDir = workDirectory(settings, stack);
    await mkdir(workDir, { recursive: true, mode: 0o700 });
    await writeFile(
        join(workDir, "Pulumi.yaml"),
        projectFile(await readFile(join(program, "Pulumi.yaml"), "utf8"), program),
    );
    const options: automation.LocalWorkspaceOptions = {
        envVars: environmentOf(settings),
        secretsProvider,
        ...(pulumiRoot === undefined
            ? {}
            : { pulumiCommand: await automation.PulumiCommand.get({ root: pulumiRoot }) }),
    };
    const named = { stackName: stack, workDir };
    return create
        ? await automation.LocalWorkspace.createOrSelectStack(named, options)
        : await automation.LocalWorkspace.selectStack(named, options);
}
