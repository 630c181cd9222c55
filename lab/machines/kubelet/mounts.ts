import { posix } from "node:path";
import type {
    V1ConfigMap,
    V1KeyToPath,
    V1Pod,
    V1Secret,
    V1Volume,
    V1VolumeMount,
} from "@kubernetes/client-node";
import type { ReferenceReader } from "./references.ts";

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
        path: relative === "." ? "" : relative.replace(/^\/+/, ""),
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

/** A Secret or ConfigMap that a volume shows. */
export interface VolumeReference {
    readonly kind: "secret" | "configmap";
    readonly name: string;
    /** Keys that are shown, and where; all keys by their names unless given. */
    readonly items?: readonly V1KeyToPath[];
    readonly optional: boolean;
}

/** The Secrets and ConfigMaps of a volume, plain or projected. */
export function volumeReferences(volume: V1Volume | undefined): VolumeReference[] {
    const reference = (
        kind: VolumeReference["kind"],
        name: string | undefined,
        source: { items?: V1KeyToPath[]; optional?: boolean } | undefined,
    ): VolumeReference[] =>
        source
            ? [
                  {
                      kind,
                      name: name ?? "",
                      ...(source.items ? { items: source.items } : {}),
                      optional: source.optional ?? false,
                  },
              ]
            : [];
    return [
        ...reference("secret", volume?.secret?.secretName, volume?.secret),
        ...reference("configmap", volume?.configMap?.name, volume?.configMap),
        ...(volume?.projected?.sources ?? []).flatMap(({ secret, configMap }) => [
            ...reference("secret", secret?.name, secret),
            ...reference("configmap", configMap?.name, configMap),
        ]),
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
    for (const { kind, name, items } of volumeReferences(volume)) {
        const key = keyAt(file.path, items);
        const content =
            kind === "secret"
                ? secretKey(await reader.secret(namespace, name), key)
                : configMapKey(await reader.configMap(namespace, name), key);
        if (content) return content;
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
    for (const { kind, name, items } of volumeReferences(volume)) {
        const found =
            kind === "secret"
                ? await reader.secret(namespace, name)
                : await reader.configMap(namespace, name);
        const keys = Object.keys({
            ...found?.data,
            ...(found && "binaryData" in found ? found.binaryData : {}),
        });
        paths.push(
            ...(items
                ? items.filter((i) => keys.includes(i.key)).map((i) => posix.normalize(i.path))
                : keys),
        );
    }
    const prefix = at.path === "" ? "" : `${at.path}/`;
    const names = paths
        .filter((path) => path.startsWith(prefix))
        .map((path) => path.slice(prefix.length))
        .filter((name) => !name.includes("/"));
    return [...new Set(names)].sort();
}
