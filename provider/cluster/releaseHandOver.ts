import type { V1Secret } from "@kubernetes/client-node";
import { z } from "zod";
import { defineResource, type CallContext } from "../framework/resource.ts";
import { findHelmRelease, resume, suspend, type HelmReleaseName } from "./helmReleases.ts";
import { connect, statusOf, type KubernetesApi } from "./kubernetesApi.ts";
import { poll, within } from "./poll.ts";

/** Seconds for an operation of Helm that is under way to end. */
const HELM_PATIENCE = 600;

const inputs = z.object({
    kubeconfig: z.string().min(1).describe("Admin kubeconfig."),
    namespace: z.string().min(1).describe("Namespace of the release."),
    release: z.string().min(1).describe("Name of the release."),
    takesAbandoned: z
        .boolean()
        .default(false)
        .describe("Takes a release over that no HelmRelease claims."),
});

const outputs = z.object({
    takenFrom: z.string().describe("HelmRelease, `namespace/name`; empty where there was none."),
});

type Given = z.output<typeof inputs>;

/** Takes a Helm release over from Flux, and gives it back. */
export const releaseHandOver = defineResource({
    token: "sovereign:cluster:ReleaseHandOver",
    description:
        "Takes a Helm release over from Flux without touching its objects: suspends the HelmRelease and removes Helm's records. Deleted, it resumes the HelmRelease.",
    inputs,
    outputs,
    secretInputs: ["kubeconfig"],
    replaceOn: ["namespace", "release"],

    async create(given, context) {
        const api = connect(given.kubeconfig, context.signal);
        const found = await findHelmRelease(api, given.namespace, given.release);
        if (found) await suspend(api, found);
        if (found || given.takesAbandoned) {
            const records = await settledRecords(api, given, context).catch(
                async (error: unknown) => {
                    if (found) await giveBack(given.kubeconfig, found);
                    throw error;
                },
            );
            await removeRecords(api, given, records);
        }
        return {
            id: `${given.namespace}/${given.release}`,
            outputs: { takenFrom: found ? `${found.namespace}/${found.name}` : "" },
        };
    },

    read(_id, before) {
        if (before === undefined)
            throw new Error(
                "ReleaseHandOver cannot be imported: it is made by the `pulumi up` that takes the release over",
            );
        const { takenFrom } = before.state;
        return Promise.resolve({ inputs: before.inputs, outputs: { takenFrom } });
    },

    update(_id, before) {
        return Promise.resolve({ takenFrom: before.state.takenFrom });
    },

    async delete(_id, state, context) {
        const [namespace = "", name = ""] = state.takenFrom.split("/");
        if (name === "") return;
        await resume(connect(state.kubeconfig, context.signal), { namespace, name });
    },
});

/** Resumes what was not taken over after all: no state would ever do it. Also where the time of the call itself is up. */
async function giveBack(kubeconfig: string, found: HelmReleaseName): Promise<void> {
    await resume(connect(kubeconfig, new AbortController().signal), found);
}

/**
 * Helm's records of a release: a Secret for each revision (https://helm.sh/docs/topics/advanced/#storage-backends). Waits while one of them
 * says `pending-…`, since that one is being worked on.
 */
async function settledRecords(
    api: KubernetesApi,
    { namespace, release }: Given,
    context: CallContext,
): Promise<readonly V1Secret[]> {
    const labelSelector = `owner=helm,name=${release}`;
    return await poll(
        `release ${release} in ${namespace}`,
        async () => {
            const { items } = await api.core.listNamespacedSecret(
                { namespace, labelSelector },
                api.options(),
            );
            const pending = items.find(({ metadata }) =>
                metadata?.labels?.status?.startsWith("pending-"),
            );
            return pending
                ? { missing: `Helm has not ended (${pending.metadata?.labels?.status ?? ""})` }
                : { value: items };
        },
        within(context, context.timeoutSeconds ?? HELM_PATIENCE),
    );
}

async function removeRecords(
    api: KubernetesApi,
    { namespace }: Given,
    records: readonly V1Secret[],
): Promise<void> {
    for (const { metadata, type } of records) {
        if (type !== "helm.sh/release.v1") continue;
        try {
            await api.core.deleteNamespacedSecret(
                { namespace, name: metadata?.name ?? "" },
                api.options(),
            );
        } catch (error) {
            if (statusOf(error) !== 404) throw error;
        }
    }
}
