import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { GATEWAY_GROUP } from "../gateway/objects.ts";
import { describe, statusOf, type ClusterClient } from "../kubelet/client.ts";
import { runsImage, type NodeProgram } from "../kubelet/programs.ts";
import { ciliumObjects, ciliumValuesSchema } from "./cilium.ts";
import { configValues } from "./helmController.ts";
import { HELM_GROUP, KLIPPER_IMAGE, helmChartSchema, type HelmChart } from "./helmCharts.ts";

const run = promisify(execFile);

type Values = Record<string, unknown>;

function isRecord(value: unknown): value is Values {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Merges chart values as helm does: maps deeply, the later one wins. */
export function mergeValues(base: Values, over: Values): Values {
    const merged: Values = { ...base };
    for (const [key, value] of Object.entries(over)) {
        const old = merged[key];
        merged[key] = isRecord(old) && isRecord(value) ? mergeValues(old, value) : value;
    }
    return merged;
}

/** A `set` entry with a dotted name as nested values, with helm's reading of numbers and booleans. */
export function setValue(name: string, value: string | number | boolean): Values {
    const parsed: unknown =
        typeof value === "string" && /^(true|false|null|-?\d+)$/.test(value) ? parse(value) : value;
    return name
        .split(/(?<!\\)\./)
        .map((part) => part.replaceAll("\\.", "."))
        .reduceRight<unknown>((inner, part) => ({ [part]: inner }), parsed) as Values;
}

/** The values that a HelmChart comes to: its own, those of its HelmChartConfig, then `set`. */
export function chartValues(chart: HelmChart, config: string): Values {
    let values: Values = {};
    for (const text of [chart.spec.valuesContent, config]) {
        const parsed: unknown = text === "" ? {} : parse(text);
        if (isRecord(parsed)) values = mergeValues(values, parsed);
    }
    for (const [name, value] of Object.entries(chart.spec.set))
        values = mergeValues(values, setValue(name, value));
    return values;
}

/** Whether helm could find the chart at all. @throws Error with helm's own words */
export function checkChartSource(chart: HelmChart): void {
    const { chart: reference, repo, chartContent } = chart.spec;
    if (chartContent !== "" || repo !== "" || /^(oci|https?):\/\//.test(reference)) return;
    const [repository = "", ...rest] = reference.split("/");
    throw new Error(
        rest.length > 0
            ? `Error: INSTALLATION FAILED: repo ${repository} not found`
            : `Error: INSTALLATION FAILED: non-absolute URLs should be in form of repo_name/path_to_chart, got: ${reference}`,
    );
}

async function servesGatewayClasses(client: ClusterClient): Promise<boolean> {
    try {
        await client.custom.listClusterCustomObject({
            group: GATEWAY_GROUP,
            version: "v1",
            plural: "gatewayclasses",
        });
        return true;
    } catch (error) {
        if (statusOf(error) === 404) return false;
        throw error;
    }
}

async function installCilium(
    client: ClusterClient,
    chart: HelmChart,
    values: Values,
): Promise<void> {
    const checked = ciliumValuesSchema.parse(values);
    const gatewayClasses = checked.gatewayAPI.enabled && (await servesGatewayClasses(client));
    await Promise.all(
        ciliumObjects(chart.spec.version, checked, gatewayClasses).map((object) =>
            client.apply(object, "helm"),
        ),
    );
}

/** Installs any other chart with the real helm, from where the lab reaches it. */
async function installByHelm(
    helm: string,
    client: ClusterClient,
    chart: HelmChart,
    values: Values,
): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "sovereign-helm-"));
    try {
        const { metadata, spec } = chart;
        const kubeconfig = join(folder, "kubeconfig");
        await writeFile(kubeconfig, client.config.exportConfig(), { mode: 0o600 });
        const valuesFile = join(folder, "values.yaml");
        await writeFile(valuesFile, stringify(values), { mode: 0o600 });
        let reference = spec.chart;
        if (spec.chartContent !== "") {
            reference = join(folder, "chart.tgz");
            await writeFile(reference, Buffer.from(spec.chartContent, "base64"));
        }
        await run(
            helm,
            [
                "upgrade",
                "--install",
                metadata.name,
                reference,
                `--namespace=${spec.targetNamespace ?? metadata.namespace}`,
                ...(spec.createNamespace ? ["--create-namespace"] : []),
                ...(spec.version === "" || spec.chartContent !== ""
                    ? []
                    : [`--version=${spec.version}`]),
                ...(spec.repo === "" ? [] : [`--repo=${spec.repo}`]),
                `--values=${valuesFile}`,
            ],
            {
                env: {
                    KUBECONFIG: kubeconfig,
                    HOME: folder,
                    HELM_CACHE_HOME: folder,
                    HELM_CONFIG_HOME: folder,
                    HELM_DATA_HOME: folder,
                    NO_PROXY: "*",
                },
            },
        );
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

/** Plays the Pod of a HelmChart's Job: installs the chart when it starts, and dies where helm would fail. */
export function klipperHelm(helm: string): NodeProgram {
    return {
        name: "klipper-helm",
        matches: (pod) => runsImage(pod, KLIPPER_IMAGE),
        async start({ pod, client }) {
            const environment = pod.spec?.containers[0]?.env ?? [];
            const value = (name: string) => environment.find((e) => e.name === name)?.value ?? "";
            const [namespace, name] = [value("CHART_NAMESPACE"), value("NAME")];
            let chart: HelmChart;
            try {
                const found: unknown = await client.custom.getNamespacedCustomObject({
                    ...HELM_GROUP,
                    plural: "helmcharts",
                    namespace,
                    name,
                });
                chart = helmChartSchema.parse(JSON.parse(JSON.stringify(found)));
            } catch (error) {
                if (statusOf(error) === 404)
                    throw new Error(`HelmChart ${name} is gone`, { cause: error });
                throw error;
            }
            checkChartSource(chart);
            const values = chartValues(chart, await configValues(client, namespace, name));
            try {
                if (chart.spec.chart.split("/").at(-1) === "cilium")
                    await installCilium(client, chart, values);
                else await installByHelm(helm, client, chart, values);
            } catch (error) {
                throw new Error(`Error: INSTALLATION FAILED: ${describe(error)}`, { cause: error });
            }
            return () => Promise.resolve();
        },
    };
}
