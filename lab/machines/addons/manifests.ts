import { setTimeout as delay } from "node:timers/promises";
import type { KubernetesObject } from "@kubernetes/client-node";
import { parseAllDocuments } from "yaml";
import { BOOT_FILES } from "../../../components/cluster/bootFiles.ts";
import type { Disk } from "../boot/disk.ts";
import { describe, type ClusterClient } from "../kubelet/client.ts";

/** Milliseconds until a manifest that failed is tried again; k3s rescans every 15 s. */
const RETRY = 1_000;

/** The objects of a manifest; lists are taken apart. @throws Error where it is not YAML with kinds */
export function parseManifest(text: string): KubernetesObject[] {
    return parseAllDocuments(text).flatMap((document) => {
        if (document.errors[0]) throw new Error(document.errors[0].message);
        const value: unknown = document.toJS();
        if (value === null || value === undefined) return [];
        return flatten(value);
    });
}

function flatten(value: unknown): KubernetesObject[] {
    if (
        typeof value !== "object" ||
        value === null ||
        !("kind" in value) ||
        !("apiVersion" in value)
    )
        throw new Error("a document without apiVersion and kind");
    if (value.kind === "List" && "items" in value && Array.isArray(value.items))
        return value.items.flatMap(flatten);
    return [value as KubernetesObject];
}

/** Applies objects in order, each again and again until it goes through. Ends early when `signal` does. */
export async function applyUntilDone(
    client: ClusterClient,
    objects: readonly KubernetesObject[],
    owner: string,
    signal: AbortSignal,
    print: (line: string) => void,
): Promise<void> {
    for (const object of objects) {
        let last = "";
        while (!signal.aborted) {
            try {
                await client.apply(object, owner);
                break;
            } catch (error) {
                const message = `${owner}: ${object.kind ?? ""} ${object.metadata?.name ?? ""}: ${describe(error)}`;
                if (message !== last) print(message);
                last = message;
                await delay(RETRY, undefined, { signal }).catch(() => undefined);
            }
        }
    }
}

/** The manifests on a disk, in k3s' order; `.skip` files and packaged components that are disabled are left out. */
export async function manifestFiles(disk: Disk, disabled: readonly string[]): Promise<string[]> {
    const files = await disk.list(BOOT_FILES.manifestsDirectory);
    return files.filter((file) => {
        const base = file.slice(file.lastIndexOf("/") + 1).replace(/\.(ya?ml|json)$/, "");
        return (
            /\.(ya?ml|json)$/.test(file) &&
            !disabled.includes(base) &&
            !files.includes(`${file}.skip`)
        );
    });
}

/** Deploys what lies in k3s' manifests folder, all files side by side (https://docs.k3s.io/installation/packaged-components). */
export async function deployManifests(
    client: ClusterClient,
    disk: Disk,
    disabled: readonly string[],
    nodeName: string,
    signal: AbortSignal,
    print: (line: string) => void,
): Promise<void> {
    const files = await manifestFiles(disk, disabled);
    await Promise.all(
        files.map(async (file) => {
            try {
                const objects = parseManifest((await disk.read(file)) ?? "");
                await applyUntilDone(client, objects, `deploy@${nodeName}`, signal, print);
            } catch (error) {
                print(`failed to process config: ${file}: ${describe(error)}`);
            }
        }),
    );
}
