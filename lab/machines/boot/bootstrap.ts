import { setTimeout as delay } from "node:timers/promises";
import {
    BOOT_FILES,
    parseBootstrapEnvironment,
    type BootstrapEnvironment,
} from "../../../components/cluster/bootFiles.ts";
import type { PeerResolver } from "../control/peers.ts";
import { findPeer } from "../control/join.ts";
import type { Disk } from "./disk.ts";
import { decodeUserData } from "./userData.ts";
import { BootError } from "./release.ts";

/** Marks a disk on which cloud-init has run: it runs once per instance. */
const CLOUD_INIT_DONE = "/var/lib/cloud/instance/boot-finished";
const COMMANDS = "/var/lib/cloud/instance/runcmd.json";

/** Writes what the user data asks for, once per disk, as cloud-init's modules do; returns the commands to run. */
export async function runCloudInit(
    userData: string | null,
    disk: Disk,
    print: (line: string) => void,
): Promise<string[]> {
    const done = await disk.read(COMMANDS);
    if (done !== undefined && (await disk.exists(CLOUD_INIT_DONE)))
        return JSON.parse(done) as string[];
    if (userData === null || userData === "") {
        print("cloud-init: no user data");
        return [];
    }
    const { files, commands } = decodeUserData(userData);
    for (const file of files) {
        const before = file.append ? ((await disk.read(file.path)) ?? "") : "";
        await disk.write(
            file.path,
            before === "" ? file.content : Buffer.concat([Buffer.from(before), file.content]),
            file.mode,
        );
    }
    await disk.write(COMMANDS, JSON.stringify(commands), 0o600);
    await disk.write(CLOUD_INIT_DONE, `${new Date().toISOString()}\n`);
    print(`cloud-init: ${files.length} files written, ${commands.length} commands`);
    return [...commands];
}

/**
 * Whether the commands start the bootstrap script: by its path, or by a systemd unit on the disk whose `ExecStart` is it.
 */
export async function startsBootstrap(commands: readonly string[], disk: Disk): Promise<boolean> {
    for (const command of commands) {
        if (command.includes(BOOT_FILES.script)) return true;
        for (const [unit] of command.matchAll(/[A-Za-z0-9@_.-]+\.service/g)) {
            const text = await disk.read(`/etc/systemd/system/${unit}`);
            if (text?.includes(BOOT_FILES.script)) return true;
        }
    }
    return false;
}

/** @throws BootError where the file is missing or malformed */
export async function readEnvironment(disk: Disk): Promise<BootstrapEnvironment> {
    const text = await disk.read(BOOT_FILES.environment);
    if (text === undefined) throw new BootError(`${BOOT_FILES.environment}: no such file`);
    try {
        return parseBootstrapEnvironment(text);
    } catch (error) {
        throw new BootError(error instanceof Error ? error.message : String(error), {
            cause: error,
        });
    }
}

/** How a server comes into the cluster. */
export type ClusterRole = "initialise" | "join";

/**
 * Decides as the bootstrap script does: initialise only where that is allowed and no peer of this very cluster answers;
 * otherwise join, however long it takes until a peer is there.
 */
export async function decideRole(
    environment: BootstrapEnvironment,
    resolver: PeerResolver,
    token: string,
): Promise<ClusterRole> {
    if (environment.role === "agent" || !environment.mayInitialise) return "join";
    return (await findPeer(environment.peers, resolver, token)) ? "join" : "initialise";
}

/** Milliseconds between two looks or tries of the script. */
export const SCRIPT_RETRY = 1_000;

/** Waits between two tries; throws when the machine is switched off. */
export async function pause(signal: AbortSignal, milliseconds = SCRIPT_RETRY): Promise<void> {
    await delay(milliseconds, undefined, { signal });
}
