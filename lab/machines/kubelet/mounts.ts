import { posix } from "node:path";
import type {
    V1ConfigMap,
    V1KeyToPath,
    V1Pod,
    V1Secret,
    V1Volume,
    V1VolumeMount,
} from "@kubernetes/client-node";
import type { ReferenceReader } from "./podChecks.ts";

/** The file of a volume that a container's path leads to. */
export interface MountedFile {
    readonly volume: string;
    /** Path inside the volume. */
    readonly path: string;
    /** Mounted by `subPath`: kubelet does not update it (https://kubernetes.io/docs/concepts/storage/volumes/#secret). */
    readonly fixed: boolean;
}

function containerMounts(pod: V1Pod, container: string): readonly V1VolumeMount[] {
    const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
    return all.find((c) => c.name === container)?.volumeMounts ?? [];
}

/** Where a path of a container comes from, by its longest mount path; `undefined` where nothing is mounted there. */
export function findMount(pod: V1Pod, container: string, path: string): MountedFile | undefined {
    const wanted = posix.normalize(path);
    const candidates = containerMounts(pod, container)
        .map((mount) => ({ mount, at: posix.normalize(mount.mountPath).replace(/\/$/, "") }))
        .filter(({ at }) => wanted === at || wanted.startsWith(`${at}/`))
        .sort((a, b) => b.at.length - a.at.length);
    const best = candidates[0];
    if (!best) return undefined;
    const relative = posix.join(best.mount.subPath ?? "", wanted.slice(best.at.length));
    return {
        volume: best.mount.name,
        path: relative.replace(/^\/+/, ""),
        fixed: best.mount.subPath !== undefined,
    };
}

/** The key behind a path of a volume: `items` rename and select, otherwise every key is a file of its name. */
function keyAt(path: string, items: readonly V1KeyToPath[] | undefined): string | undefined {
    if (!items) return path;
    return items.find((item) => posix.normalize(item.path) === path)?.key;
}

function secretKey(secret: V1Secret | undefined, key: string | undefined): Buffer | undefined {
    const value = key === undefined ? undefined : secret?.data?.[key];
    return value === undefined ? undefined : Buffer.from(value, "base64");
}

function configMapKey(map: V1ConfigMap | undefined, key: string | undefined): Buffer | undefined {
    if (key === undefined) return undefined;
    const text = map?.data?.[key];
    if (text !== undefined) return Buffer.from(text, "utf8");
    const binary = map?.binaryData?.[key];
    return binary === undefined ? undefined : Buffer.from(binary, "base64");
}

/** The Secrets and ConfigMaps of a volume, plain or projected. */
export function volumeSources(
    volume: V1Volume | undefined,
): Pick<V1Volume, "secret" | "configMap">[] {
    if (!volume) return [];
    return [
        volume,
        ...(volume.projected?.sources ?? []).map(({ secret, configMap }) => ({
            ...(secret ? { secret: { ...secret, secretName: secret.name ?? "" } } : {}),
            ...(configMap ? { configMap } : {}),
        })),
    ];
}

/** Reads a mounted Secret's or ConfigMap's file as it is now; `undefined` where there is none. */
export async function readMounted(
    pod: V1Pod,
    file: MountedFile,
    reader: ReferenceReader,
): Promise<Buffer | undefined> {
    const namespace = pod.metadata?.namespace ?? "default";
    const volume = pod.spec?.volumes?.find((v) => v.name === file.volume);
    for (const { secret, configMap } of volumeSources(volume)) {
        if (secret) {
            const found = await reader.secret(namespace, secret.secretName ?? "");
            const content = secretKey(found, keyAt(file.path, secret.items));
            if (content) return content;
        }
        if (configMap) {
            const found = await reader.configMap(namespace, configMap.name ?? "");
            const content = configMapKey(found, keyAt(file.path, configMap.items));
            if (content) return content;
        }
    }
    return undefined;
}

/** Names of the files directly in a folder of a container, sorted; empty where nothing is mounted there. */
export async function listMounted(
    pod: V1Pod,
    container: string,
    folder: string,
    reader: ReferenceReader,
): Promise<string[]> {
    const at = findMount(pod, container, folder);
    if (!at) return [];
    const namespace = pod.metadata?.namespace ?? "default";
    const volume = pod.spec?.volumes?.find((v) => v.name === at.volume);
    const paths: string[] = [];
    const add = (keys: readonly string[], items: readonly V1KeyToPath[] | undefined) =>
        paths.push(...(items ? items.map((item) => posix.normalize(item.path)) : keys));
    for (const { secret, configMap } of volumeSources(volume)) {
        if (secret) {
            const found = await reader.secret(namespace, secret.secretName ?? "");
            add(Object.keys(found?.data ?? {}), secret.items);
        }
        if (configMap) {
            const found = await reader.configMap(namespace, configMap.name ?? "");
            add(
                [...Object.keys(found?.data ?? {}), ...Object.keys(found?.binaryData ?? {})],
                configMap.items,
            );
        }
    }
    const prefix = at.path === "" ? "" : `${at.path}/`;
    const names = paths
        .filter((path) => path.startsWith(prefix))
        .map((path) => path.slice(prefix.length))
        .filter((name) => !name.includes("/"));
    return [...new Set(names)].sort();
}
