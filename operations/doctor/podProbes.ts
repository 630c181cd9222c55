import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { BatchV1Api, CoreV1Api, V1Pod } from "@kubernetes/client-node";
import { parseProbe, PROBE_NAME, type ProbeResult } from "./probe.ts";

/** Milliseconds until a probe counts as not coming to its end, and between two looks. */
const DEADLINE = 120_000;
const INTERVAL = 500;

/** What one pod saw. */
export interface PodResult {
    readonly nodeName: string | undefined;
    readonly result: ProbeResult;
}

function resultOf({ spec, status }: V1Pod): PodResult[] {
    return (status?.containerStatuses ?? []).flatMap(({ state }) => {
        const result = parseProbe(state?.terminated?.message ?? "");
        return result === undefined ? [] : [{ nodeName: spec?.nodeName, result }];
    });
}

/** The pods of the mail namespace that look at the way out; each leaves what it saw as its termination message. */
export class PodProbes {
    readonly #core: CoreV1Api;
    readonly #batch: BatchV1Api;
    readonly #namespace: string;

    constructor(core: CoreV1Api, batch: BatchV1Api, namespace: string) {
        this.#core = core;
        this.#batch = batch;
        this.#namespace = namespace;
    }

    /** The latest result; undefined without any. */
    async latest(): Promise<PodResult | undefined> {
        return await this.#latestOf(`app.kubernetes.io/name=${PROBE_NAME}`);
    }

    /**
     * Starts the CronJob's Job now, as `kubectl create job --from=cronjob/…` does, and waits for its result.
     *
     * @throws Error where it does not come to its end in two minutes
     */
    async run(): Promise<void> {
        const namespace = this.#namespace;
        const name = `${PROBE_NAME}-${randomUUID().slice(0, 8)}`;
        const cronJob = await this.#batch.readNamespacedCronJob({ namespace, name: PROBE_NAME });
        const { metadata, spec } = cronJob.spec.jobTemplate;
        await this.#batch.createNamespacedJob({
            namespace,
            body: {
                metadata: {
                    name,
                    ...(metadata?.labels && { labels: metadata.labels }),
                    annotations: { "cronjob.kubernetes.io/instantiate": "manual" },
                    // Cleared away with the CronJob's own Jobs.
                    ownerReferences: [
                        {
                            apiVersion: "batch/v1",
                            kind: "CronJob",
                            name: PROBE_NAME,
                            uid: cronJob.metadata?.uid ?? "",
                            controller: true,
                        },
                    ],
                },
                ...(spec && { spec }),
            },
        });
        const deadline = Date.now() + DEADLINE;
        while ((await this.#latestOf(`batch.kubernetes.io/job-name=${name}`)) === undefined) {
            if (Date.now() > deadline)
                throw new Error(
                    `the probe ${namespace}/${name} has not come to its end in two minutes: kubectl -n ${namespace} describe job ${name}`,
                );
            await delay(INTERVAL);
        }
    }

    async #latestOf(labelSelector: string): Promise<PodResult | undefined> {
        const { items } = await this.#core.listNamespacedPod({
            namespace: this.#namespace,
            labelSelector,
        });
        return items
            .flatMap(resultOf)
            .sort((a, b) => a.result.observedAt.localeCompare(b.result.observedAt))
            .at(-1);
    }
}
