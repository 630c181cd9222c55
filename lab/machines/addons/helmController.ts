import type { KubernetesListObject, KubernetesObject } from "@kubernetes/client-node";
import { z } from "zod";
import { MERGE, describe, statusOf, type ClusterClient } from "../kubelet/client.ts";
import type { WatchedList } from "../kubelet/watchedList.ts";
import {
    DIGEST_ANNOTATION,
    HELM_GROUP,
    chartDigest,
    helmChartSchema,
    installAccount,
    installJob,
    type HelmChart,
} from "./helmCharts.ts";

const configSchema = z.object({ spec: z.object({ valuesContent: z.string().default("") }) });

/** Values of the HelmChartConfig of a chart's name, which override the chart's own. */
export async function configValues(
    client: ClusterClient,
    namespace: string,
    name: string,
): Promise<string> {
    try {
        const found: unknown = await client.custom.getNamespacedCustomObject({
            ...HELM_GROUP,
            plural: "helmchartconfigs",
            namespace,
            name,
        });
        return configSchema.parse(found).spec.valuesContent;
    } catch (error) {
        if (statusOf(error) === 404) return "";
        throw error;
    }
}

/** Plays k3s' helm-controller: every HelmChart gets its install Job, anew when the chart or its HelmChartConfig changes. */
export async function startHelmController(
    client: ClusterClient,
    print: (line: string) => void,
): Promise<void> {
    let work: Promise<void> = Promise.resolve();
    const queue = (chart: HelmChart) => {
        work = work.then(() =>
            reconcile(client, chart).catch((error: unknown) => {
                print(`helm-controller: ${chart.metadata.name}: ${describe(error)}`);
            }),
        );
    };
    const changed = (object: KubernetesObject) => {
        const chart = helmChartSchema.safeParse(JSON.parse(JSON.stringify(object)));
        if (chart.success) queue(chart.data);
        else
            print(
                `helm-controller: ${object.metadata?.name ?? ""}: ${z.prettifyError(chart.error)}`,
            );
    };
    const charts = await watchKind(client, "helmcharts", (object, gone) => {
        if (!gone) changed(object);
    });
    await watchKind(client, "helmchartconfigs", ({ metadata }) => {
        const chart = charts.get(metadata?.name ?? "", metadata?.namespace);
        if (chart) changed(chart);
    });
}

function watchKind(
    client: ClusterClient,
    plural: string,
    changed: (object: KubernetesObject, gone: boolean) => void,
): Promise<WatchedList<KubernetesObject>> {
    return client.watch<KubernetesObject>(
        `/apis/helm.cattle.io/v1/${plural}`,
        async () =>
            (await client.custom.listCustomObjectForAllNamespaces({
                ...HELM_GROUP,
                resourcePlural: plural,
            })) as KubernetesListObject<KubernetesObject>,
        changed,
    );
}

async function reconcile(client: ClusterClient, chart: HelmChart): Promise<void> {
    if (chart.metadata.deletionTimestamp) return;
    const { name, namespace } = chart.metadata;
    const values = await configValues(client, namespace, name);
    const jobName = `helm-install-${name}`;
    try {
        const job = await client.batch.readNamespacedJob({ namespace, name: jobName });
        if (job.metadata?.annotations?.[DIGEST_ANNOTATION] === chartDigest(chart, values)) return;
        await client.batch.deleteNamespacedJob({
            namespace,
            name: jobName,
            propagationPolicy: "Background",
        });
    } catch (error) {
        if (statusOf(error) !== 404) throw error;
    }
    for (const object of installAccount(chart)) await client.apply(object, "helm-controller");
    await client.batch
        .createNamespacedJob({ namespace, body: installJob(chart, values) })
        .catch((error: unknown) => {
            if (statusOf(error) !== 409) throw error;
        });
    await client.custom.patchNamespacedCustomObjectStatus(
        { ...HELM_GROUP, plural: "helmcharts", namespace, name, body: { status: { jobName } } },
        MERGE,
    );
}
