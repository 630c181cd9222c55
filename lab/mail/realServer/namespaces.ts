import { execa } from "execa";
import { LINK_PREFIX, SERVER_ADDRESS, WORLD_ADDRESS, WORLD_NETWORKS } from "./addresses.ts";

/** Two network namespaces that see each other and nothing else: one for the server, one for the world around it. */
export interface Namespaces {
    readonly server: string;
    readonly world: string;
}

/** Names of those of a lab. */
export function namespacesOf(instance: number): Namespaces {
    return { server: `sovereign${instance}-mail`, world: `sovereign${instance}-world` };
}

/**
 * What makes them, by `ip` and `sysctl`. No interface of either leads out of the two, and neither forwards: the world answers for
 * its networks itself (local routes), and there is no way to any other address.
 */
export function creationCommands({ server, world }: Namespaces): readonly (readonly string[])[] {
    const inServer = ["ip", "-n", server] as const;
    const inWorld = ["ip", "-n", world] as const;
    return [
        ["ip", "netns", "add", world],
        ["ip", "netns", "add", server],
        [...inWorld, "link", "set", "lo", "up"],
        [...inServer, "link", "set", "lo", "up"],
        [
            ...inWorld,
            ...["link", "add", "server", "type", "veth", "peer", "name", "world", "netns", server],
        ],
        [...inWorld, "address", "add", `${WORLD_ADDRESS}/${LINK_PREFIX}`, "dev", "server"],
        [...inServer, "address", "add", `${SERVER_ADDRESS}/${LINK_PREFIX}`, "dev", "world"],
        [...inWorld, "link", "set", "server", "up"],
        [...inServer, "link", "set", "world", "up"],
        ...WORLD_NETWORKS.map((network) => [
            ...inWorld,
            ...["route", "add", "local", network, "dev", "lo"],
        ]),
        [...inServer, "route", "add", "default", "via", WORLD_ADDRESS],
        // As the pod's securityContext: the server binds 25, 465 and 587 without privileges.
        [
            ...["ip", "netns", "exec", server],
            ...["sysctl", "-q", "-w", "net.ipv4.ip_unprivileged_port_start=0"],
        ],
    ];
}

/** What removes them, whatever is left of them. */
export function removalCommands({ server, world }: Namespaces): readonly (readonly string[])[] {
    return [
        ["ip", "netns", "delete", server],
        ["ip", "netns", "delete", world],
    ];
}

/** Removes the namespaces; those that are not there are passed over. */
export async function removeNamespaces(namespaces: Namespaces): Promise<void> {
    for (const [command = "", ...args] of removalCommands(namespaces))
        await execa(command, args, { reject: false });
}

/**
 * Makes them anew; what an earlier lab of the same number left is removed first.
 *
 * @throws Error with what the machine does not allow
 */
export async function createNamespaces(namespaces: Namespaces): Promise<void> {
    await removeNamespaces(namespaces);
    for (const [command = "", ...args] of creationCommands(namespaces)) {
        const { exitCode, stderr } = await execa(command, args, { reject: false });
        if (exitCode === 0) continue;
        await removeNamespaces(namespaces);
        throw new Error(
            `the real mail server (STALWART_BIN) needs network namespaces of its own, which takes root: ${[command, ...args].join(" ")}: ${stderr.trim()}`,
        );
    }
}
