import type { ReportedChange } from "./stackReport.ts";
import { SIGNS } from "./verdict.ts";

/** Which layer takes something from which: the program's data flow (docs/architecture.md), in its order. */
const FLOW: Readonly<Record<string, readonly string[]>> = {
    providers: ["cloud", "dns"],
    cloud: ["dns", "cluster"],
    dns: ["mail"],
    cluster: ["certificates", "mail", "platform"],
    certificates: ["mail", "platform"],
    mail: ["platform"],
    platform: [],
};

const ORDER = Object.keys(FLOW);

/** Order of layers: by the data flow, then those that it doesn't know by name. */
export function compareLayers(a: string, b: string): number {
    const place = (layer: string) => (ORDER.includes(layer) ? ORDER.indexOf(layer) : ORDER.length);
    return place(a) - place(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** Layers in which something changes, with what, and which of them others take from. */
export interface LayerGraph {
    readonly layers: readonly { readonly name: string; readonly counts: string }[];
    /** Pairs of names; over layers that stay as they are, if need be. */
    readonly edges: readonly (readonly [string, string])[];
}

/** The layers that a plan changes. */
export function layerGraph(changes: readonly ReportedChange[]): LayerGraph {
    const names = [...new Set(changes.map(({ layer }) => layer))].sort(compareLayers);
    const layers = names.map((name) => {
        const operations = changes.filter(({ layer }) => layer === name).map((c) => c.operation);
        const counts = (["create", "update", "replace", "delete", "import"] as const)
            .map(
                (operation) =>
                    [operation, operations.filter((o) => o === operation).length] as const,
            )
            .filter(([, count]) => count > 0)
            .map(([operation, count]) => `${SIGNS[operation]}${count}`);
        return { name, counts: counts.join(" ") };
    });
    const edges = names.flatMap((from) =>
        next(from, new Set(names)).map((to) => [from, to] as const),
    );
    return { layers, edges };
}

/** The nearest changed layers downstream. */
function next(from: string, changed: ReadonlySet<string>): string[] {
    const found = (FLOW[from] ?? []).flatMap((to) => (changed.has(to) ? [to] : next(to, changed)));
    return [...new Set(found)].sort(compareLayers);
}

/** The graph in Mermaid's language. */
export function mermaidLines({ layers, edges }: LayerGraph): string[] {
    const id = (name: string) => `l${layers.findIndex((layer) => layer.name === name)}`;
    return [
        "flowchart LR",
        ...layers.map(
            ({ name, counts }) =>
                `  ${id(name)}["${name.replaceAll(/[^\w .-]/g, "_")}<br/>${counts}"]`,
        ),
        ...edges.map(([from, to]) => `  ${id(from)} --> ${id(to)}`),
    ];
}
