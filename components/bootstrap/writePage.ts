/** Makes the picture in `docs/bootstrap.md` anew: `node components/bootstrap/writePage.ts`. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { bootstrapPage } from "./page.ts";

const filepath = join(import.meta.dirname, "../../docs/bootstrap.md");
const text = bootstrapPage(await readFile(filepath, "utf8"));
await writeFile(filepath, await format(text, { ...(await resolveConfig(filepath)), filepath }));
