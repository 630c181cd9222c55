import type { Socket } from "node:net";

/** The client of a connection, as a PROXY header tells it. */
export interface ProxiedClient {
    readonly address: string;
    readonly port: number;
    /** Address and port that the client connected to. */
    readonly destination: string;
    readonly destinationPort: number;
}

/** What the first bytes of a connection are. */
export type HeaderResult =
    | { readonly state: "incomplete" }
    | { readonly state: "invalid" }
    | {
          readonly state: "complete";
          readonly length: number;
          readonly client: ProxiedClient | undefined;
      };

const V2_SIGNATURE = Buffer.from([13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]);
/** Longest version 1 header, with its line end (PROXY protocol specification 2.1). */
const V1_LONGEST = 107;

const INVALID: HeaderResult = { state: "invalid" };
const INCOMPLETE: HeaderResult = { state: "incomplete" };

function parseV1(bytes: Buffer): HeaderResult {
    const end = bytes.indexOf("\r\n");
    if (end < 0) return bytes.length >= V1_LONGEST ? INVALID : INCOMPLETE;
    if (end + 2 > V1_LONGEST) return INVALID;
    const length = end + 2;
    const fields = bytes.subarray(0, end).toString("latin1").split(" ");
    if (fields[1] === "UNKNOWN") return { state: "complete", length, client: undefined };
    const [, family, address, destination, port, destinationPort] = fields;
    if ((family !== "TCP4" && family !== "TCP6") || fields.length !== 6) return INVALID;
    return {
        state: "complete",
        length,
        client: {
            address: address ?? "",
            destination: destination ?? "",
            port: Number(port),
            destinationPort: Number(destinationPort),
        },
    };
}

function formatAddress(bytes: Buffer): string {
    if (bytes.length === 4) return [...bytes].join(".");
    return Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(":");
}

function parseV2(bytes: Buffer): HeaderResult {
    if (bytes.length < 16) return INCOMPLETE;
    const length = 16 + bytes.readUInt16BE(14);
    const command = bytes[12];
    if (command !== 0x20 && command !== 0x21) return INVALID;
    if (bytes.length < length) return INCOMPLETE;
    const size = bytes[13] === 0x11 ? 4 : bytes[13] === 0x21 ? 16 : 0;
    if (command === 0x20 || size === 0 || length < 16 + size * 2 + 4)
        return { state: "complete", length, client: undefined };
    return {
        state: "complete",
        length,
        client: {
            address: formatAddress(bytes.subarray(16, 16 + size)),
            destination: formatAddress(bytes.subarray(16 + size, 16 + size * 2)),
            port: bytes.readUInt16BE(16 + size * 2),
            destinationPort: bytes.readUInt16BE(18 + size * 2),
        },
    };
}

/** Reads a PROXY header, version 1 or 2 (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt), from a connection's first bytes. */
export function parseProxyHeader(bytes: Buffer): HeaderResult {
    const v2 = V2_SIGNATURE.subarray(0, bytes.length);
    if (bytes.subarray(0, V2_SIGNATURE.length).equals(v2))
        return bytes.length < V2_SIGNATURE.length ? INCOMPLETE : parseV2(bytes);
    const v1 = "PROXY ".slice(0, bytes.length);
    if (bytes.subarray(0, 6).toString("latin1") !== v1) return INVALID;
    return bytes.length < 6 ? INCOMPLETE : parseV1(bytes);
}

/** Milliseconds until the first bytes have to be there. */
const FIRST_BYTES = 10_000;

/**
 * Takes a connection's PROXY header off, if one is demanded, and hands back the socket with what follows unread.
 * `undefined` for a connection that is refused: without a header, or closed before anything came.
 */
export async function acceptConnection(
    socket: Socket,
    demandHeader: boolean,
): Promise<{ readonly client: ProxiedClient | undefined; readonly first: number } | undefined> {
    return await new Promise((resolve) => {
        let seen = Buffer.alloc(0);
        let client: ProxiedClient | undefined;
        let headerDone = !demandHeader;
        const refuse = () => {
            finish(undefined);
        };
        const timer = setTimeout(refuse, FIRST_BYTES);
        function finish(first: number | undefined): void {
            clearTimeout(timer);
            socket.off("data", read).off("close", refuse).off("error", refuse);
            socket.pause();
            if (first === undefined) {
                socket.destroy();
                resolve(undefined);
            } else {
                socket.unshift(seen);
                resolve({ client, first });
            }
        }
        function read(chunk: Buffer): void {
            seen = Buffer.concat([seen, chunk]);
            if (!headerDone) {
                const header = parseProxyHeader(seen);
                if (header.state === "invalid") {
                    refuse();
                    return;
                }
                if (header.state === "incomplete") return;
                headerDone = true;
                client = header.client;
                seen = seen.subarray(header.length);
            }
            const [first] = seen;
            if (first !== undefined) finish(first);
        }
        socket.on("data", read).once("close", refuse).once("error", refuse);
    });
}
