import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { V1Container } from "@kubernetes/client-node";
import type { PodView } from "../../parts.ts";
import { WORLD_ADDRESS } from "./addresses.ts";

/** A directory or file of this machine, and where the server finds it. */
export interface Mount {
    readonly mode: "ro" | "rw";
    readonly source: string;
    readonly place: string;
}

/** User and group that the pod runs as. */
export function userOf({ pod }: PodView): number {
    const { runAsUser, runAsGroup } = pod.spec?.securityContext ?? {};
    if (runAsUser === undefined || runAsUser === 0 || runAsUser !== runAsGroup)
        throw new Error("the mail server's pod does not run as a user and group of its own");
    return runAsUser;
}

/** Writes a file where it is another one, at one go. */
async function writeFor(user: number, path: string, content: Buffer | string): Promise<void> {
    const before = await readFile(path).catch(() => undefined);
    if (before?.equals(Buffer.from(content)) === true) return;
    await mkdir(dirname(path), { recursive: true });
    const next = `${path}.next`;
    await writeFile(next, content, { mode: 0o440 });
    await chown(next, user, user);
    await rename(next, path);
}

/** Puts what a container mounts below a directory: Secrets and ConfigMaps with their files, everything else empty and writable. */
async function volumeMounts(
    view: PodView,
    { name, volumeMounts: wanted = [] }: V1Container,
    directory: string,
): Promise<Mount[]> {
    const user = userOf(view);
    const volumes = new Map(view.pod.spec?.volumes?.map((volume) => [volume.name, volume]));
    const mounts: Mount[] = [];
    for (const { mountPath: place, name: volume } of wanted) {
        const writable = volumes.get(volume)?.emptyDir !== undefined;
        // An emptyDir is the pod's: both its containers see the same one.
        const source = join(directory, writable ? "pod" : name, volume);
        await mkdir(source, { recursive: true });
        await chown(source, user, user);
        for (const file of writable ? [] : await view.listFiles(name, place)) {
            const content = await view.readFile(name, `${place}/${file}`);
            if (content !== undefined) await writeFor(user, join(source, file), content);
        }
        mounts.push({ mode: writable ? "rw" : "ro", source, place });
    }
    return mounts;
}

/** Brings the files of Secrets and ConfigMaps up to date, as kubelet does while a container runs. */
export async function refreshFiles(
    view: PodView,
    container: V1Container,
    directory: string,
): Promise<void> {
    await volumeMounts(view, container, directory);
}

/** What kubelet and the container runtime put below /etc. */
function systemFiles({ pod }: PodView): Record<string, string> {
    const aliases = (pod.spec?.hostAliases ?? []).map(
        ({ ip, hostnames = [] }) => `${ip} ${hostnames.join(" ")}\n`,
    );
    return {
        "/etc/hosts": `127.0.0.1 localhost\n${aliases.join("")}`,
        "/etc/resolv.conf": `nameserver ${WORLD_ADDRESS}\n`,
        "/etc/nsswitch.conf": "hosts: files dns\n",
    };
}

/** Writes everything that a container of the pod finds in its places; resolves to the file that enter.sh reads. */
export async function writeMounts(
    view: PodView,
    container: V1Container,
    directory: string,
    further: readonly Mount[],
): Promise<string> {
    const system = await Promise.all(
        Object.entries(systemFiles(view)).map(async ([place, content]): Promise<Mount> => {
            const source = join(directory, "system", place.slice("/etc/".length));
            await rm(source, { force: true });
            await writeFor(userOf(view), source, content);
            await chmod(source, 0o444);
            return { mode: "ro", source, place };
        }),
    );
    const mounts = [...system, ...(await volumeMounts(view, container, directory)), ...further];
    const file = join(directory, `${container.name}.mounts`);
    const lines = mounts.map(({ mode, source, place }) => `${mode}\t${source}\t${place}\n`);
    await writeFile(file, lines.join(""));
    return file;
}
