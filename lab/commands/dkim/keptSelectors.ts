import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DkimSelectorConfig } from "../../../config/model.ts";

/** Beside the stack's backend: a rotation changes the stack's config for good, and the committed file is everybody's. */
const fileOf = (labDirectory: string): string => join(labDirectory, "pulumi", "dkim.json");

/** The selectors that a rotation in this lab has come to; undefined where there was none. */
export async function keptSelectors(
    labDirectory: string,
): Promise<readonly DkimSelectorConfig[] | undefined> {
    try {
        return JSON.parse(await readFile(fileOf(labDirectory), "utf8")) as DkimSelectorConfig[];
    } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
    }
}

/** Makes `selectors` the config of the lab's stack from now on. */
export async function keepSelectors(
    labDirectory: string,
    selectors: readonly DkimSelectorConfig[],
): Promise<void> {
    const file = fileOf(labDirectory);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(selectors, null, 4)}\n`);
}
