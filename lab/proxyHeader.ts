import type { Socket } from "node:net";
import ipaddr from "ipaddr.js";
import {
    Command,
    IPv4ProxyAddress,
    IPv6ProxyAddress,
    V1ProxyProtocol,
    V2ProxyProtocol,
} from "proxy-protocol-js";

/** Who the proxy says is behind the connection. */
export interface ProxiedPeer {
    readonly address: string;
    readonly port: number;
}

/** A header of the PROXY protocol: its length in bytes, and the peer, absent where the proxy speaks for itself. */
export interface ProxyHeader {
    readonly length: number;
    readonly peer?: ProxiedPeer;
}

/** Longest line of version 1, with its CRLF (PROXY protocol specification, 2.1). */
const V1_MAX_LENGTH = 107;

/** Fixed part of version 2: signature, version, family, length (specification, 2.2). */
const V2_FIXED_LENGTH = 16;

const V1_SIGNATURE = Buffer.from("PROXY ");
const V2_SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n");

function startsLike(bytes: Buffer, signature: Buffer): boolean {
    const length = Math.min(bytes.length, signature.length);
    return bytes.subarray(0, length).equals(signature.subarray(0, length));
}

function parseV1(bytes: Buffer): ProxyHeader | undefined {
    const end = bytes.subarray(0, V1_MAX_LENGTH).indexOf("\r\n");
    if (end < 0) {
        if (bytes.length >= V1_MAX_LENGTH) throw new Error("version 1 without end");
        return undefined;
    }
    const length = end + 2;
    const line = bytes.toString("latin1", 0, length);
    if (line.startsWith("PROXY UNKNOWN")) return { length };
    const { source } = V1ProxyProtocol.parse(line);
    if (!ipaddr.isValid(source.ipAddress)) throw new Error("no valid address");
    return { length, peer: { address: source.ipAddress, port: source.port } };
}

function parseV2(bytes: Buffer): ProxyHeader | undefined {
    if (bytes.length < V2_FIXED_LENGTH) return undefined;
    const length = V2_FIXED_LENGTH + bytes.readUInt16BE(14);
    if (bytes.length < length) return undefined;
    const { command, proxyAddress } = V2ProxyProtocol.parse(bytes.subarray(0, length));
    const addressed =
        proxyAddress instanceof IPv4ProxyAddress || proxyAddress instanceof IPv6ProxyAddress;
    if (command === Command.LOCAL || !addressed) return { length };
    return {
        length,
        peer: {
            address: ipaddr.fromByteArray([...proxyAddress.sourceAddress.address]).toString(),
            port: proxyAddress.sourcePort,
        },
    };
}

/**
 * Parses the header at the start of a connection, version 1 or 2; undefined when more bytes are needed. Throws when
 * there is none (https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt).
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | undefined {
    const parse = startsLike(bytes, V2_SIGNATURE)
        ? parseV2
        : startsLike(bytes, V1_SIGNATURE)
          ? parseV1
          : undefined;
    if (parse === undefined) throw new Error("no PROXY header");
    try {
        return parse(bytes);
    } catch (cause) {
        // What the library throws has a message, but is no Error.
        const { message } = cause as { message: string };
        throw new Error(`malformed PROXY header: ${message}`, { cause });
    }
}

/**
 * Reads as much of a fresh connection as `parse` asks for (it returns undefined for more), and leaves everything after the
 * `length` it took to be read. Rejects with what `parse` throws, or when the connection ends before.
 */
export function readAhead<T extends { readonly length: number }>(
    socket: Socket,
    parse: (bytes: Buffer) => T | undefined,
): Promise<T> {
    return new Promise((resolve, reject) => {
        let bytes = Buffer.alloc(0);
        const stop = () => {
            socket.off("readable", onReadable);
            socket.off("end", onEnd);
            socket.off("close", onEnd);
            socket.off("error", onEnd);
        };
        const onEnd = () => {
            stop();
            reject(new Error("the connection ended too early"));
        };
        const onReadable = () => {
            const chunk = socket.read() as Buffer | null;
            if (chunk === null) return;
            bytes = Buffer.concat([bytes, chunk]);
            try {
                const taken = parse(bytes);
                if (taken === undefined) return;
                stop();
                if (bytes.length > taken.length) socket.unshift(bytes.subarray(taken.length));
                resolve(taken);
            } catch (error) {
                stop();
                reject(error instanceof Error ? error : new Error(String(error)));
            }
        };
        socket.on("readable", onReadable);
        socket.on("end", onEnd);
        socket.on("close", onEnd);
        socket.on("error", onEnd);
    });
}

/** Takes the header off a fresh connection and leaves everything after it to be read. Rejects when there is none. */
export function readProxyHeader(socket: Socket): Promise<ProxyHeader> {
    return readAhead(socket, parseProxyHeader);
}
