import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { CLONE, cacheDirectory } from "./directories.ts";

/** Milliseconds that a program has to print its version. */
const VERSION_TIMEOUT = 10_000;

export interface FoundBinary {
    readonly path: string;
    readonly version: string;
}

/** How to ask a program on PATH whether it fits. */
export interface BinaryQuestion {
    readonly program: string;
    readonly arguments: readonly string[];
    /** The version in what it printed, or undefined where it does not fit. */
    readonly accept: (output: string) => string | undefined;
}

/** Accepts exactly `version`, wherever it stands in the output. */
export function exactly(version: string): (output: string) => string | undefined {
    return (output) =>
        new RegExp(`(?<![\\d.])${version.replaceAll(".", "\\.")}(?![\\d.])`).test(output)
            ? version
            : undefined;
}

/** Path of `program` on PATH, outside this clone (npm puts `node_modules/.bin` there) and the cache. */
export async function onPath(
    program: string,
    path: string = process.env.PATH ?? "",
): Promise<string | undefined> {
    for (const directory of path.split(delimiter)) {
        if (!directory.startsWith("/") || directory.startsWith(CLONE)) continue;
        if (directory.startsWith(cacheDirectory())) continue;
        const candidate = join(directory, program);
        try {
            await access(candidate, constants.X_OK);
            return candidate;
        } catch {
            // Not here; the next directory may have it.
        }
    }
    return undefined;
}

/** The program on PATH, if its version fits. */
export async function fittingBinary(question: BinaryQuestion): Promise<FoundBinary | undefined> {
    const path = await onPath(question.program);
    if (path === undefined) return undefined;
    const { stdout, stderr } = await execa(path, question.arguments, {
        reject: false,
        timeout: VERSION_TIMEOUT,
        env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    const version = question.accept(`${stdout}\n${stderr}`);
    return version === undefined ? undefined : { path, version };
}
