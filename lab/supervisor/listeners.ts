import { readFile } from "node:fs/promises";

/** State of a listening TCP socket, and of an unconnected UDP one, in `/proc/net` (proc_net(5)). */
const LISTENING = { tcp: "0A", udp: "07" } as const;

/** A socket that takes connections or datagrams. */
export interface Listener {
    readonly protocol: "tcp" | "udp";
    readonly address: string;
    readonly port: number;
}

/** The listening sockets in the text of `/proc/net/tcp` or `/proc/net/udp`. */
export function parseListeners(text: string, protocol: Listener["protocol"]): Listener[] {
    return text
        .split("\n")
        .slice(1)
        .flatMap((line) => {
            const [, local = "", , state] = line.trim().split(/\s+/);
            const [hexAddress = "", hexPort = ""] = local.split(":");
            if (state !== LISTENING[protocol]) return [];
            // Four bytes in the order of the machine, which on x64 is the reverse of the written one.
            const bytes = hexAddress.match(/../g)?.toReversed() ?? [];
            const address = bytes.map((byte) => Number.parseInt(byte, 16)).join(".");
            return [{ protocol, address, port: Number.parseInt(hexPort, 16) }];
        });
}

/** Everything that listens in the lab whose addresses begin with `prefix` (`127.64`). */
export async function labListeners(prefix: string): Promise<Listener[]> {
    const found: Listener[] = [];
    for (const protocol of ["tcp", "udp"] as const) {
        const text = await readFile(`/proc/net/${protocol}`, "utf8");
        found.push(...parseListeners(text, protocol));
    }
    return found.filter(({ address }) => address.startsWith(`${prefix}.`));
}
