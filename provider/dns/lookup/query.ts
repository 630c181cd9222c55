import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { randomInt } from "node:crypto";
import packet, { type Answer, type DecodedPacket } from "dns-packet";

/** Where a DNS server listens. */
export interface DnsServer {
    readonly address: string;
    readonly port: number;
}

/** A server's answer, as far as we read it. */
export interface DnsAnswer {
    /** For example `NOERROR`, `NXDOMAIN`, `REFUSED`. */
    readonly code: string;
    /** Whether the server speaks for the name (AA). */
    readonly authoritative: boolean;
    /** Whether a resolver has validated it (AD, RFC 4035, 3.2.3). */
    readonly authenticated: boolean;
    readonly answers: readonly Answer[];
    /** Where a referral names the servers to ask instead. */
    readonly authorities: readonly Answer[];
}

/** Milliseconds until a question counts as lost, and how often it is asked. */
const TIMEOUT = 2000;
const ATTEMPTS = 3;

/** A response that is no larger fits into every path's packets (DNS flag day 2020). */
const UDP_SIZE = 1232;

/** No server gave an answer. */
export class NoDnsAnswer extends Error {
    constructor(server: DnsServer, name: string, type: string, cause: unknown) {
        super(`${server.address}:${server.port} does not answer for ${name} ${type}`, { cause });
        this.name = "NoDnsAnswer";
    }
}

/** Asks one server by UDP, and by TCP where the answer is too long. Throws {@link NoDnsAnswer}. */
export async function queryServer(
    server: DnsServer,
    name: string,
    type: string,
    options: { readonly recursive: boolean; readonly signal: AbortSignal },
): Promise<DnsAnswer> {
    let failure: unknown;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        options.signal.throwIfAborted();
        try {
            const udp = await overUdp(server, question(name, type, options.recursive), options);
            const reply = udp.flag_tc
                ? await overTcp(server, question(name, type, options.recursive), options)
                : udp;
            return {
                code: codeOf(reply),
                authoritative: reply.flag_aa,
                authenticated: reply.flag_ad,
                answers: reply.answers ?? [],
                authorities: reply.authorities ?? [],
            };
        } catch (error) {
            options.signal.throwIfAborted();
            failure = error;
        }
    }
    throw new NoDnsAnswer(server, name, type, failure);
}

function question(name: string, type: string, recursive: boolean): packet.Packet {
    return {
        type: "query",
        id: randomInt(0x10000),
        // AD in a question asks for AD in the answer (RFC 6840, 5.7).
        flags: recursive ? packet.RECURSION_DESIRED | packet.AUTHENTIC_DATA : 0,
        questions: [{ type: type as packet.RecordType, name: withoutDot(name) }],
        additionals: [
            {
                type: "OPT",
                name: ".",
                udpPayloadSize: UDP_SIZE,
                extendedRcode: 0,
                ednsVersion: 0,
                flags: 0,
                flag_do: false,
                options: [],
            },
        ],
    };
}

function withoutDot(name: string): string {
    return name === "." ? "." : name.replace(/\.$/, "");
}

function codeOf(reply: DecodedPacket): string {
    return (reply as { rcode?: string }).rcode ?? "NOERROR";
}

interface Limits {
    readonly signal: AbortSignal;
}

async function overUdp(
    server: DnsServer,
    query: packet.Packet,
    { signal }: Limits,
): Promise<DecodedPacket> {
    const socket = createSocket(server.address.includes(":") ? "udp6" : "udp4");
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]);
    try {
        const failed = once(socket, "error", { signal: limit }).then(([error]) => {
            throw error as Error;
        });
        failed.catch(() => undefined);
        socket.connect(server.port, server.address);
        await Promise.race([once(socket, "connect", { signal: limit }), failed]);
        socket.send(packet.encode(query));
        for (;;) {
            const received = once(socket, "message", { signal: limit });
            const [message] = (await Promise.race([received, failed])) as [Buffer];
            const reply = packet.decode(message);
            if (reply.id === query.id) return reply;
        }
    } finally {
        socket.close();
    }
}

async function overTcp(
    server: DnsServer,
    query: packet.Packet,
    { signal }: Limits,
): Promise<DecodedPacket> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]);
    const socket = connect({ host: server.address, port: server.port, signal: limit });
    try {
        socket.write(packet.streamEncode(query));
        let received = Buffer.alloc(0);
        for await (const chunk of socket as AsyncIterable<Buffer>) {
            received = Buffer.concat([received, chunk]);
            if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0))
                return packet.decode(received.subarray(2, 2 + received.readUInt16BE(0)));
        }
        throw new Error("the connection was closed before the answer was complete");
    } finally {
        socket.destroy();
    }
}
