import type { V1PersistentVolume, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import { describe, statusOf } from "../kubelet/client.ts";
import { runsImage, type NodeProgram } from "../kubelet/programs.ts";
import { LOCAL_PATH_IMAGE, LOCAL_PATH_PROVISIONER } from "./packaged.ts";

/** The volume for a claim on the node that the scheduler chose, as local-path-provisioner makes it. */
export function localVolume(claim: V1PersistentVolumeClaim, node: string): V1PersistentVolume {
    const { name = "", namespace = "", uid = "" } = claim.metadata ?? {};
    const volume = `pvc-${uid}`;
    return {
        metadata: {
            name: volume,
            annotations: { "pv.kubernetes.io/provisioned-by": LOCAL_PATH_PROVISIONER },
        },
        spec: {
            accessModes: claim.spec?.accessModes ?? ["ReadWriteOnce"],
            capacity: { storage: claim.spec?.resources?.requests?.storage ?? "1Gi" },
            claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
            persistentVolumeReclaimPolicy: "Delete",
            storageClassName: claim.spec?.storageClassName ?? "",
            hostPath: {
                path: `/var/lib/rancher/k3s/storage/${volume}_${namespace}_${name}`,
                type: "DirectoryOrCreate",
            },
            nodeAffinity: {
                required: {
                    nodeSelectorTerms: [
                        {
                            matchExpressions: [
                                { key: "kubernetes.io/hostname", operator: "In", values: [node] },
                            ],
                        },
                    ],
                },
            },
        },
    };
}

/** Plays local-path-provisioner where its Pod runs: without it a claim stays pending, whatever its class. */
export const localPathProvisioner: NodeProgram = {
    name: "local-path-provisioner",
    matches: (pod) => runsImage(pod, LOCAL_PATH_IMAGE),
    async start({ client, print }) {
        let stopped = false;
        const provision = async (claim: V1PersistentVolumeClaim) => {
            const annotations = claim.metadata?.annotations ?? {};
            const node = annotations["volume.kubernetes.io/selected-node"];
            if (
                stopped ||
                claim.status?.phase !== "Pending" ||
                annotations["volume.kubernetes.io/storage-provisioner"] !==
                    LOCAL_PATH_PROVISIONER ||
                node === undefined
            )
                return;
            try {
                await client.core.createPersistentVolume({ body: localVolume(claim, node) });
            } catch (error) {
                if (statusOf(error) !== 409) print(`local-path-provisioner: ${describe(error)}`);
            }
        };
        const reclaim = async (volume: V1PersistentVolume) => {
            const by = volume.metadata?.annotations?.["pv.kubernetes.io/provisioned-by"];
            if (stopped || by !== LOCAL_PATH_PROVISIONER || volume.status?.phase !== "Released")
                return;
            await client.core
                .deletePersistentVolume({ name: volume.metadata?.name ?? "" })
                .catch((error: unknown) => {
                    if (statusOf(error) !== 404)
                        print(`local-path-provisioner: ${describe(error)}`);
                });
        };
        const claims = await client.watch<V1PersistentVolumeClaim>(
            "/api/v1/persistentvolumeclaims",
            () => client.core.listPersistentVolumeClaimForAllNamespaces(),
            (claim, gone) => {
                if (!gone) void provision(claim);
            },
        );
        const volumes = await client.watch<V1PersistentVolume>(
            "/api/v1/persistentvolumes",
            () => client.core.listPersistentVolume(),
            (volume, gone) => {
                if (!gone) void reclaim(volume);
            },
        );
        return async () => {
            stopped = true;
            await claims.stop();
            await volumes.stop();
        };
    },
};
