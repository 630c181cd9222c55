import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { z } from "zod";
import { statusOf, type KubernetesApi } from "./kubernetesApi.ts";

const HELM_RELEASES = {
    group: "helm.toolkit.fluxcd.io",
    version: "v2",
    plural: "helmreleases",
} as const;

/** Says that this program suspended a HelmRelease, and may resume it. */
const HANDED_OVER = "catalyst.openova.io/handed-over";

/** Keeps the kit's Kustomization from deleting the object when it leaves the kit. */
const PRUNE = "kustomize.toolkit.fluxcd.io/prune";

const listSchema = z.object({
    items: z.array(
        z.object({
            metadata: z.object({ name: z.string(), namespace: z.string() }),
            spec: z.object({
                releaseName: z.string().optional(),
                targetNamespace: z.string().optional(),
            }),
        }),
    ),
});

const annotated = z.object({
    metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
});

/** Where a HelmRelease is. */
export interface HelmReleaseName {
    readonly namespace: string;
    readonly name: string;
}

/** The HelmRelease that installs a release; undefined where none does, or the cluster has no such kind. */
export async function findHelmRelease(
    api: KubernetesApi,
    namespace: string,
    release: string,
): Promise<HelmReleaseName | undefined> {
    try {
        const list: unknown = await api.custom.listCustomObjectForAllNamespaces(
            { ...HELM_RELEASES, resourcePlural: HELM_RELEASES.plural },
            api.options(),
        );
        const found = listSchema
            .parse(list)
            .items.find(
                ({ metadata, spec }) =>
                    (spec.releaseName ?? metadata.name) === release &&
                    (spec.targetNamespace ?? metadata.namespace) === namespace,
            );
        return found?.metadata;
    } catch (error) {
        if (statusOf(error) !== 404) throw error;
        return undefined;
    }
}

/** Suspends a HelmRelease and keeps it from being pruned. */
export async function suspend(api: KubernetesApi, release: HelmReleaseName): Promise<void> {
    await merge(api, release, {
        metadata: { annotations: { [HANDED_OVER]: "program", [PRUNE]: "disabled" } },
        spec: { suspend: true },
    });
}

/** Resumes a HelmRelease that {@link suspend} suspended; another one, or one that is gone, is left alone. */
export async function resume(api: KubernetesApi, release: HelmReleaseName): Promise<void> {
    try {
        const found: unknown = await api.custom.getNamespacedCustomObject(
            { ...HELM_RELEASES, ...release },
            api.options(),
        );
        if (!(HANDED_OVER in annotated.parse(found).metadata.annotations)) return;
        await merge(api, release, {
            metadata: { annotations: { [HANDED_OVER]: null } },
            spec: { suspend: null },
        });
    } catch (error) {
        if (statusOf(error) !== 404) throw error;
    }
}

async function merge(api: KubernetesApi, release: HelmReleaseName, body: object): Promise<void> {
    await api.custom.patchNamespacedCustomObject(
        { ...HELM_RELEASES, ...release, body },
        setHeaderOptions("Content-Type", PatchStrategy.MergePatch, api.options()),
    );
}
