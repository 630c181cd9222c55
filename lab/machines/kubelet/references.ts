import type { V1ConfigMap, V1PersistentVolumeClaim, V1Secret } from "@kubernetes/client-node";
import { statusOf, type ClusterClient } from "./client.ts";

/** Reads what Pods refer to; `undefined` where it does not exist. */
export interface ReferenceReader {
    secret(namespace: string, name: string): Promise<V1Secret | undefined>;
    configMap(namespace: string, name: string): Promise<V1ConfigMap | undefined>;
    claim(namespace: string, name: string): Promise<V1PersistentVolumeClaim | undefined>;
}

/** Reads references through the API. */
export function referenceReader(client: ClusterClient): ReferenceReader {
    const found = async <T>(read: Promise<T>): Promise<T | undefined> => {
        try {
            return await read;
        } catch (error) {
            if (statusOf(error) === 404) return undefined;
            throw error;
        }
    };
    return {
        secret: (namespace, name) => found(client.core.readNamespacedSecret({ namespace, name })),
        configMap: (namespace, name) =>
            found(client.core.readNamespacedConfigMap({ namespace, name })),
        claim: (namespace, name) =>
            found(client.core.readNamespacedPersistentVolumeClaim({ namespace, name })),
    };
}
