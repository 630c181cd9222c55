import type { PrerequisiteGraph, PrerequisiteOwner } from "./prerequisites.ts";

const CLASSES: Readonly<Record<PrerequisiteOwner, string>> = {
    "user data": "boot",
    k3s: "boot",
    program: "program",
    kit: "kit",
};

/** The graph as a Mermaid flowchart: arrows lead from what has to be there to what needs it. Pure. */
export function prerequisiteDiagram(graph: PrerequisiteGraph): string {
    const lines = Object.entries(graph).flatMap(([name, { dependsOn, owner }]) => [
        `  ${identifier(name)}["${name}"]:::${CLASSES[owner]}`,
        ...dependsOn.map((dependency) => `  ${identifier(dependency)} --> ${identifier(name)}`),
    ]);
    return [
        "flowchart LR",
        ...lines,
        "  classDef boot stroke-dasharray: 5 5",
        "  classDef program stroke-width: 2px",
        "  classDef kit stroke-dasharray: 1 3",
    ].join("\n");
}

/** `end` and dashes before words have a meaning of their own in Mermaid. */
function identifier(name: string): string {
    return `p_${name.replaceAll("-", "_")}`;
}

/** The graph as rows of a Markdown table: what it is, who owns it, what it needs. Pure. */
export function prerequisiteTable(graph: PrerequisiteGraph): string {
    const rows = Object.entries(graph).map(
        ([name, { provides, owner, dependsOn }]) =>
            `| \`${name}\` | ${provides} | ${owner} | ${dependsOn.join(", ") || "–"} |`,
    );
    return ["| Prerequisite | What | Owner | After |", "| --- | --- | --- | --- |", ...rows].join(
        "\n",
    );
}
