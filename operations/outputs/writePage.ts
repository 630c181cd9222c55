/** Writes `docs/outputs.md` and `operations/outputs/schema.json`: `node operations/outputs/writePage.ts`. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { outputsJsonSchema, outputsPage } from "./page.ts";

const root = join(import.meta.dirname, "../..");

for (const [file, text] of [
    ["docs/outputs.md", outputsPage()],
    ["operations/outputs/schema.json", JSON.stringify(outputsJsonSchema())],
] as const) {
    const filepath = join(root, file);
    await writeFile(filepath, await format(text, { ...(await resolveConfig(filepath)), filepath }));
}
