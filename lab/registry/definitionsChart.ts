import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

/** A chart of CustomResourceDefinitions, and what acts on them. */
export interface DefinitionsChart {
    readonly name: string;
    readonly version: string;
    /** Directory with the definitions, one YAML file each. */
    readonly definitions: string;
    /** Further templates, text by file name. @default none */
    readonly templates?: Readonly<Record<string, string>>;
}

/**
 * Writes the chart below `directory`. The definitions are templates, since Helm never changes what lies in a chart's `crds`
 * (https://helm.sh/docs/chart_best_practices/custom_resource_definitions/).
 *
 * @returns the chart's own directory
 */
export async function writeDefinitionsChart(
    directory: string,
    { name, version, definitions, templates = {} }: DefinitionsChart,
): Promise<string> {
    const chart = join(directory, name);
    await rm(chart, { recursive: true, force: true });
    await mkdir(chart, { recursive: true });
    await cp(definitions, join(chart, "templates"), { recursive: true });
    for (const [file, text] of Object.entries(templates))
        await writeFile(join(chart, "templates", file), text);
    const metadata = { apiVersion: "v2", name, version, type: "application" };
    await writeFile(join(chart, "Chart.yaml"), stringify(metadata));
    return chart;
}
