import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ExecaError, execa } from "execa";
import { BuildProgress, withoutPackages } from "./buildOutput.ts";
import { BUILD_FLAGS, moduleDirectory } from "./recipe.ts";
import type { Recipe, RecipeStep } from "./recipe.ts";
import { buildRemedy } from "./requirements.ts";
import { SetupError } from "./setupError.ts";

const ENVIRONMENT = {
    CGO_ENABLED: "0",
    GOFLAGS: "",
    GOWORK: "off",
    GOOS: "linux",
    GOARCH: "amd64",
    // The compiler collects garbage by default as if memory were scarce: a third of its time goes there.
    GOGC: "400",
};

let standardLibrary: Promise<unknown> | undefined;

/** Compiles Go's standard library once, before builds that run side by side would each do it. */
async function compileStandardLibrary(place: Place, options: BuildOptions): Promise<void> {
    standardLibrary ??= run(["go", "build", ...BUILD_FLAGS, "std"], place, {
        ...options,
        report: () => undefined,
    });
    await standardLibrary;
}

/** Downloads what the packages need, while the standard library is compiled. @returns how many packages they are in all */
async function prepare(
    packages: readonly string[],
    place: Place,
    options: BuildOptions,
): Promise<number> {
    const [listed] = await Promise.all([
        run(["go", "list", "-deps", ...packages], place, options).then((text) => {
            options.report("compiling Go's standard library, which all builds share");
            return text;
        }),
        compileStandardLibrary(place, options),
    ]);
    return listed.trimEnd().split("\n").length;
}

export interface BuildOptions {
    /** Gets the last line of what the tools print. */
    readonly report: (line: string) => void;
    /** Ends the running tool. */
    readonly signal?: AbortSignal;
}

/**
 * Follows `recipe` and leaves its results in `output`. Runs at low priority.
 *
 * @throws SetupError with the end of the tools' output and what to do
 */
export async function buildRecipe(
    recipe: Recipe,
    output: string,
    options: BuildOptions,
): Promise<void> {
    const source = await mkdtemp(join(output, ".source-"));
    try {
        if (recipe.module !== undefined)
            await cp(moduleDirectory(recipe.module), source, { recursive: true });
        for (const step of recipe.steps) await follow(step, { recipe, source, output }, options);
    } finally {
        await rm(source, { recursive: true, force: true });
    }
}

interface Place {
    readonly recipe: Recipe;
    readonly source: string;
    readonly output: string;
}

async function follow(step: RecipeStep, place: Place, options: BuildOptions): Promise<void> {
    const { source, output } = place;
    switch (step.do) {
        case "build": {
            const packages = await prepare(step.packages, place, options);
            const link = ["-s", "-w"];
            for (const [name, value] of Object.entries(step.variables ?? {}))
                link.push("-X", `${name}=${value}`);
            const to = `${step.tool === true ? source : output}/${step.to}`;
            const flags = ["-v", ...BUILD_FLAGS, "-ldflags", link.join(" "), "-o", to];
            await run(["go", "build", ...flags, ...step.packages], place, options, packages);
            return;
        }
        case "run":
            await run(
                [
                    join(source, step.program),
                    ...step.arguments.map((argument) => argument.replaceAll("{output}", output)),
                ],
                place,
                options,
            );
            return;
        case "copy": {
            const answer = await run(
                ["go", "mod", "download", "-json", step.module],
                place,
                options,
            );
            const { Dir } = JSON.parse(answer) as { Dir: string };
            const to = join(step.result === true ? output : source, step.to);
            await mkdir(dirname(to), { recursive: true });
            await cp(join(Dir, step.from), to, { recursive: true });
            await run(["chmod", "-R", "u+w", to], place, options);
            return;
        }
        case "fill":
            await fill(step, output);
            return;
        case "link":
            for (const name of step.names) await symlink(step.program, join(output, name));
    }
}

async function fill(
    { template, to, replacements }: Extract<RecipeStep, { do: "fill" }>,
    output: string,
): Promise<void> {
    let text = await readFile(join(output, template), "utf8");
    for (const [pattern, replacement] of replacements) {
        const expression = new RegExp(pattern, "gm");
        if (text.search(expression) < 0)
            throw new Error(`${template} has nothing that matches ${pattern}`);
        text = text.replace(expression, replacement);
    }
    await writeFile(join(output, to), text);
    await rm(join(output, template));
}

async function run(
    command: readonly string[],
    { recipe, source }: Place,
    { report, signal }: BuildOptions,
    packages?: number,
): Promise<string> {
    const child = execa("nice", command, {
        cwd: source,
        env: ENVIRONMENT,
        all: true,
        ...(signal ? { cancelSignal: signal } : {}),
    });
    const progress = new BuildProgress(packages);
    child.stderr.on("data", (chunk: Buffer) => {
        const line = progress.take(chunk.toString());
        if (line !== undefined) report(line);
    });
    try {
        return (await child).stdout;
    } catch (error) {
        throw explain(recipe, command, error);
    }
}

/** Keeps the end of a failed build's output: compilers print the cause last. */
function explain(recipe: Recipe, command: readonly string[], error: unknown): unknown {
    if (!(error instanceof ExecaError) || error.isCanceled) return error;
    const output = typeof error.all === "string" ? error.all : error.message;
    const tail = withoutPackages(output).trimEnd().split("\n").slice(-12).join("\n    ");
    return new SetupError(
        `building ${recipe.title} failed in \`${command.slice(0, 2).join(" ")}\`:\n    ${tail}`,
        buildRemedy(output) ??
            "the cause is in the output above; what is built already is kept, repeat the command when it is mended",
        { cause: error },
    );
}
