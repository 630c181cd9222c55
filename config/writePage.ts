/** Writes `docs/configuration.md`: `node config/writePage.ts`. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { configurationPage, PAGE_SECTIONS } from "./configurationPage.ts";
import { declarationsOf } from "./declarations.ts";

const root = join(import.meta.dirname, "..");
const project: unknown = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
mkdirSync(join(root, "docs"), { recursive: true });
writeFileSync(
    join(root, "docs", "configuration.md"),
    configurationPage(declarationsOf(project), PAGE_SECTIONS),
);
