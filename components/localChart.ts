import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { parse } from "yaml";

/** A chart of this repository, as a Helm release takes it. */
export interface LocalChart {
    /** Path from the project's folder, which is where the engine runs its plugins. */
    readonly chart: string;
    readonly version: string;
    /** SHA-256 of its files: a release compares the version only, and would miss a change of a template. */
    readonly digest: string;
}

/** Reads `charts/<name>`. Throws where its `Chart.yaml` has no version. */
export function localChart(name: string): LocalChart {
    const directory = join(import.meta.dirname, "..", "charts", name);
    const files = readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => ({ path, relative: path.slice(directory.length + 1).replaceAll(sep, "/") }))
        .sort((a, b) => (a.relative < b.relative ? -1 : 1));
    const hash = createHash("sha256");
    for (const { path, relative } of files)
        hash.update(JSON.stringify([relative, readFileSync(path, "utf8")]));
    const metadata = parse(readFileSync(join(directory, "Chart.yaml"), "utf8")) as {
        version?: unknown;
    };
    if (typeof metadata.version !== "string")
        throw new Error(`charts/${name}/Chart.yaml has no version`);
    return { chart: `./charts/${name}`, version: metadata.version, digest: hash.digest("hex") };
}
