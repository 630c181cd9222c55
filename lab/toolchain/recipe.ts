import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { GO_MODULES } from "./directories.ts";

/** One step of a build. Paths are relative: `source` ones to a scratch copy of the module, `output` ones to the result. */
export type RecipeStep =
    | {
          readonly do: "build";
          readonly packages: readonly string[];
          /** In `output`, or in `source` where `tool` is set: a file for one package, a directory ending in `/` for several. */
          readonly to: string;
          /** A program that later steps run, not part of the result. */
          readonly tool?: boolean;
          /** Linker variables, `<package>.<name>` to value. */
          readonly variables?: Readonly<Record<string, string>>;
      }
    /** Runs a program of `source`; `{output}` in an argument stands for the result's directory. */
    | { readonly do: "run"; readonly program: string; readonly arguments: readonly string[] }
    /** Copies a file or directory of a Go module (`<path>@<version>`) to `source`, or to `output` where `result` is set. */
    | {
          readonly do: "copy";
          readonly module: string;
          readonly from: string;
          readonly to: string;
          readonly result?: boolean;
      }
    /** Makes a text file of `output` from a template that lies there, and takes the template away. Patterns are regular expressions, by lines. */
    | {
          readonly do: "fill";
          readonly template: string;
          readonly to: string;
          readonly replacements: readonly (readonly [pattern: string, text: string])[];
      }
    /** More names for a program in `output`. */
    | { readonly do: "link"; readonly program: string; readonly names: readonly string[] };

/** Programs that are built together from one committed Go module. Pure data, so that it can be hashed. */
export interface Recipe {
    /** Name of the cache entry. */
    readonly name: string;
    /** Folder of the module in `lab/toolchain/go`; absent where nothing is compiled. */
    readonly module?: string;
    /** What comes out, for people. */
    readonly title: string;
    /** Why the lab needs it, for people. */
    readonly purpose: string;
    readonly version: string;
    /** Executables in the result. */
    readonly programs: readonly string[];
    /** Versions of programs that have one of their own. */
    readonly versions?: Readonly<Record<string, string>>;
    readonly steps: readonly RecipeStep[];
}

/** Flags of every `go build`: debug information is a sixth of the compiling, and nobody debugs these programs. */
export const BUILD_FLAGS = ["-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false"] as const;

/** Directory of a recipe's module. */
export function moduleDirectory(module: string): string {
    return join(GO_MODULES, module);
}

/**
 * Key of what a recipe makes: 16 hex digits of the SHA-256 over the steps, the flags and every file of its module.
 * Another compiler does not change it: any Go that is new enough makes the same program.
 */
export async function recipeKey(
    recipe: Recipe,
    directory = recipe.module === undefined ? undefined : moduleDirectory(recipe.module),
): Promise<string> {
    const hash = createHash("sha256").update(
        JSON.stringify([recipe.name, recipe.steps, BUILD_FLAGS]),
    );
    for (const file of directory === undefined ? [] : await filesOf(directory)) {
        const content = await readFile(join(directory ?? "", file));
        hash.update(`\0${file}\0${content.length}\0`).update(content);
    }
    return hash.digest("hex").slice(0, 16);
}

/** Files of a directory and below, relative and sorted. */
async function filesOf(directory: string): Promise<string[]> {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
        .sort();
}
