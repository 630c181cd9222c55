import { prerequisiteDiagram, prerequisiteTable } from "./diagram.ts";
import { PREREQUISITES, prerequisites } from "./prerequisites.ts";
import type { PrerequisiteGraph } from "./prerequisites.ts";

/** Marks between which `docs/bootstrap.md` is made of the graph. */
const BEGIN =
    "<!-- Made of PREREQUISITES by `node components/bootstrap/writePage.ts`; edit that. -->";
const END = "<!-- End of what is made. -->";

/** `docs/bootstrap.md` with its picture and table made anew; the rest of the page is kept. Throws where a mark is missing. */
export function bootstrapPage(page: string): string {
    const begin = page.indexOf(BEGIN);
    const end = page.indexOf(END);
    if (begin < 0 || end < begin)
        throw new Error("docs/bootstrap.md lacks the marks between which it is made");
    const made = [
        BEGIN,
        "",
        ...section("`bootstrap: pulumi`", PREREQUISITES),
        ...section(
            "`bootstrap: flux`, both releases the kit's",
            prerequisites({
                ...EVERYTHING,
                kit: { mailServer: "kit", platform: "kit", certManager: "program" },
            }),
        ),
        "",
    ].join("\n");
    return `${page.slice(0, begin)}${made}\n${page.slice(end)}`;
}

const EVERYTHING = { gateway: true, pullSecrets: true, publicCertificates: true } as const;

function section(title: string, graph: PrerequisiteGraph): string[] {
    const diagram = ["```mermaid", prerequisiteDiagram(graph), "```"];
    return [`### ${title}`, "", ...diagram, "", prerequisiteTable(graph), ""];
}
