import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const FILE = "supervisor.json";

const schema = z.object({
    pid: z.int().positive(),
    startTime: z.string(),
    instance: z.int(),
    clone: z.string(),
    startedAt: z.string(),
});

/** What a lab's supervisor writes down about itself when it starts. */
export type SupervisorRecord = z.infer<typeof schema>;

/** The record in a lab's state directory; undefined where there is none, or only the remains of one. */
export async function readRecord(directory: string): Promise<SupervisorRecord | undefined> {
    try {
        const parsed = schema.safeParse(JSON.parse(await readFile(join(directory, FILE), "utf8")));
        return parsed.data;
    } catch {
        return undefined;
    }
}

/** Writes the record, whole or not at all. */
export async function writeRecord(directory: string, record: SupervisorRecord): Promise<void> {
    await mkdir(directory, { recursive: true });
    const scratch = join(directory, `.${FILE}.${process.pid}`);
    await writeFile(scratch, JSON.stringify(record, null, 4) + "\n");
    await rename(scratch, join(directory, FILE));
}

/** Removes the record. */
export async function removeRecord(directory: string): Promise<void> {
    await rm(join(directory, FILE), { force: true });
}
