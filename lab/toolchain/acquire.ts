import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Binary, BinaryOrigin } from "../parts.ts";
import type { Cache, CacheEntry } from "./cache.ts";
import { buildRecipe } from "./goBuild.ts";
import { fittingBinary } from "./machineBinaries.ts";
import type { BinaryQuestion } from "./machineBinaries.ts";
import { recipeKey } from "./recipe.ts";
import type { Recipe } from "./recipe.ts";
import { vendorReachable } from "./vendor.ts";

/** The programs of one recipe, wherever they came from. */
export interface Acquired {
    /** Where a recipe's files are; absent for programs on PATH, which may be anywhere. */
    readonly directory?: string;
    readonly programs: Readonly<Record<string, Binary>>;
}

/** Where the programs of a recipe may come from, beside the cache and a build. */
export interface Sources {
    readonly recipe: Recipe;
    /** How to ask the machine's own programs, one question per program. */
    readonly machine?: readonly BinaryQuestion[];
    /** Lets the vendor's installer fill a directory. */
    readonly vendor?: {
        readonly version: string;
        readonly download: (output: string) => Promise<void>;
    };
}

function vendorKey(version: string): string {
    return `vendor-${version}`;
}

/** Looks in the cache, then on PATH. */
export async function findExisting(cache: Cache, sources: Sources): Promise<Acquired | undefined> {
    const { recipe, vendor, machine } = sources;
    const cached =
        (vendor && (await cache.find(recipe.name, vendorKey(vendor.version)))) ??
        (await cache.find(recipe.name, await recipeKey(recipe)));
    if (cached) return fromEntry(recipe, cached);
    return machine && (await fromMachine(machine));
}

/** Gets the programs from the vendor where it can be reached, and otherwise builds them. */
export async function acquire(
    cache: Cache,
    sources: Sources,
    report: (line: string) => void,
    signal?: AbortSignal,
): Promise<Acquired> {
    const { recipe, vendor } = sources;
    const waiting = () => {
        report("another process is making it; waiting for that");
    };
    if (vendor && (await vendorReachable())) {
        try {
            const entry = await cache.obtain(
                recipe.name,
                vendorKey(vendor.version),
                async (output) => {
                    report("downloading from the vendor");
                    await vendor.download(output);
                    for (const program of recipe.programs) await access(join(output, program));
                    return { origin: "vendor", version: vendor.version };
                },
                waiting,
            );
            return fromEntry(recipe, entry);
        } catch (error) {
            const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
            report(`the vendor's installer failed (${reason ?? ""}); building instead`);
        }
    }
    const entry = await cache.obtain(
        recipe.name,
        await recipeKey(recipe),
        async (output) => {
            await buildRecipe(recipe, output, { report, ...(signal ? { signal } : {}) });
            return { origin: "built", version: recipe.version };
        },
        waiting,
    );
    return fromEntry(recipe, entry);
}

function fromEntry(recipe: Recipe, entry: CacheEntry): Acquired {
    const origin: BinaryOrigin = entry.fresh ? entry.provenance.origin : "cache";
    const programs: Record<string, Binary> = {};
    for (const name of recipe.programs)
        programs[name] = {
            path: join(entry.directory, name),
            version: recipe.versions?.[name] ?? entry.provenance.version,
            origin,
        };
    return { directory: entry.directory, programs };
}

/** Programs on PATH: all that the recipe makes, or none of them. */
async function fromMachine(questions: readonly BinaryQuestion[]): Promise<Acquired | undefined> {
    const programs: Record<string, Binary> = {};
    for (const question of questions) {
        const found = await fittingBinary(question);
        if (!found) return undefined;
        programs[question.program] = { ...found, origin: "path" };
    }
    return { programs };
}
