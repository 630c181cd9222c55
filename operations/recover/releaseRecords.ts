import type { KubernetesApi } from "../../provider/cluster/kubernetesApi.ts";

/** Helm's record of one revision of a release: a Secret in the release's namespace (https://helm.sh/docs/topics/advanced/#storage-backends). */
export interface ReleaseRecord {
    readonly namespace: string;
    /** Name of the Secret. */
    readonly secret: string;
    readonly release: string;
    readonly revision: number;
    /** `deployed`, `superseded`, `failed`, `pending-install`, `pending-upgrade`, `pending-rollback`, `uninstalling` … */
    readonly status: string;
}

/** Every record in a cluster, the oldest revision first. */
export async function releaseRecords(api: KubernetesApi): Promise<readonly ReleaseRecord[]> {
    const { items } = await api.core.listSecretForAllNamespaces(
        { labelSelector: "owner=helm" },
        api.options(),
    );
    return items
        .filter(({ type }) => type === "helm.sh/release.v1")
        .map(({ metadata }) => ({
            namespace: metadata?.namespace ?? "",
            secret: metadata?.name ?? "",
            release: metadata?.labels?.name ?? "",
            revision: Number(metadata?.labels?.version ?? 0),
            status: metadata?.labels?.status ?? "",
        }))
        .sort((a, b) => a.revision - b.revision);
}

/** Removes a record. What the revision made stays, and the next install of the release takes it over by its annotations. */
export async function removeRecord(api: KubernetesApi, record: ReleaseRecord): Promise<void> {
    await api.core.deleteNamespacedSecret(
        { namespace: record.namespace, name: record.secret },
        api.options(),
    );
}
