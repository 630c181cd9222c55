import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** A file of tests. */
export interface TestFile {
    readonly path: string;
    /** Bytes: as good a guess as any of how long it takes. */
    readonly size: number;
}

/** Every `*.test.ts` below a directory. */
export async function testFiles(directory: string): Promise<readonly TestFile[]> {
    const names = await readdir(directory, { recursive: true });
    const paths = names
        .filter((name) => name.endsWith(".test.ts"))
        .map((name) => join(directory, name));
    return await Promise.all(paths.map(async (path) => ({ path, size: (await stat(path)).size })));
}

/**
 * Deals files out to processes that take turns, the largest first, so that the last ones to run are short: each share holds about as much
 * as any other. Pure.
 *
 * @param count - most shares; there are fewer where there are fewer files
 */
export function shares(files: readonly TestFile[], count: number): readonly string[][] {
    const dealt: { size: number; readonly paths: string[] }[] = Array.from(
        { length: Math.min(count, files.length) },
        () => ({ size: 0, paths: [] }),
    );
    const ordered = files.toSorted((a, b) => b.size - a.size || a.path.localeCompare(b.path));
    for (const { path, size } of ordered) {
        const smallest = dealt.reduce((least, one) => (one.size < least.size ? one : least));
        smallest.paths.push(path);
        // One more than it has, so that files without a byte are dealt out too.
        smallest.size += size + 1;
    }
    return dealt.map(({ paths }) => paths);
}
