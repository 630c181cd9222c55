import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** A Helm chart as a directory of source files. */
export interface ChartDirectory {
    readonly directory: string;
    readonly name: string;
    readonly version: string;
    /** SHA-256 over the names and contents of all its files: tells whether something changed. */
    readonly contentDigest: string;
}

const chartMetadata = z.object({ name: z.string().min(1), version: z.string().min(1) });

/** Reads a chart's name, version and content. Throws when `directory` holds no chart. */
export async function readChartDirectory(directory: string): Promise<ChartDirectory> {
    const file = join(directory, "Chart.yaml");
    const text = await readFile(file, "utf8").catch((cause: unknown) => {
        throw new Error(`${directory} holds no Helm chart: ${file} cannot be read`, { cause });
    });
    const metadata = chartMetadata.safeParse(parse(text));
    if (!metadata.success)
        throw new Error(`${file} needs a name and a version: ${z.prettifyError(metadata.error)}`);
    const { name, version } = metadata.data;
    return { directory, name, version, contentDigest: await contentDigest(directory) };
}

async function contentDigest(directory: string): Promise<string> {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
    const hash = createHash("sha256");
    for (const file of files) {
        const content = await readFile(file);
        hash.update(`${relative(directory, file)}\0${content.length}\0`).update(content);
    }
    return hash.digest("hex");
}
