import { statusOf, type ClusterClient } from "./client.ts";
import type { ReferenceReader } from "./podChecks.ts";

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
