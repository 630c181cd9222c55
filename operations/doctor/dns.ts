import { Resolver } from "node:dns/promises";
import type { Answer } from "dns-packet";
import { queryServer, type DnsServer } from "../../provider/dns/lookup/query.ts";
import { NotSeen } from "./check.ts";

/** The authoritative servers do not say the same, or one of them does not speak for the zone. */
export class Disagreement extends Error {
    constructor(message: string) {
        super(message);
        this.name = "Disagreement";
    }
}

/** A record as a server gave it: its text, and for TXT the lengths of its strings. */
export interface DnsRecord {
    /** Presentation of the data; TXT as its strings joined, names in lower case without trailing dot. */
    readonly text: string;
    /** Bytes of each string of a TXT record. */
    readonly strings: readonly number[];
}

/** DNS as the doctor asks it. */
export interface DoctorDns {
    /** Records at every authoritative server of the Sovereign. @throws Disagreement, NotSeen */
    authoritative(name: string, type: string): Promise<readonly DnsRecord[]>;
    /** Records through the resolver, in the shapes of `node:dns`; its errors have codes. */
    resolve(name: string, type: string): Promise<string[] | string[][]>;
    /** Names of an address; none where nothing is published. */
    reverse(ip: string): Promise<string[]>;
}

/** A name as the doctor compares it: in lower case, without trailing dot; the root is a dot. */
export function lower(name: string): string {
    return name.toLowerCase().replace(/\.$/, "") || ".";
}

function record(answer: Answer): DnsRecord[] {
    switch (answer.type) {
        case "TXT": {
            const data = Array.isArray(answer.data) ? answer.data : [answer.data];
            const strings = data.map((part) => Buffer.from(part));
            return [
                {
                    text: Buffer.concat(strings).toString("latin1"),
                    strings: strings.map(({ length }) => length),
                },
            ];
        }
        case "MX": {
            const { preference = 0, exchange } = answer.data;
            return [{ text: `${preference} ${lower(exchange)}`, strings: [] }];
        }
        case "A":
        case "AAAA":
            return [{ text: answer.data, strings: [] }];
        case "CNAME":
        case "NS":
        case "PTR":
            return [{ text: lower(answer.data), strings: [] }];
        case "TLSA": {
            const { usage, selector, matchingType, certificate } = answer.data;
            const text = `${usage} ${selector} ${matchingType} ${certificate.toString("hex")}`;
            return [{ text, strings: [] }];
        }
        case "CAA": {
            const { flags = 0, tag, value } = answer.data;
            return [{ text: `${flags} ${tag} "${value}"`, strings: [] }];
        }
        default:
            return [];
    }
}

/** Whether an error of `node:dns` says that there is nothing, not that nothing could be found out. */
export function isAbsent(error: unknown): boolean {
    return (
        error instanceof Error &&
        "code" in error &&
        (error.code === "ENODATA" || error.code === "ENOTFOUND")
    );
}

export interface DnsOptions {
    /** The Sovereign's name servers, by name. */
    readonly nameServers: readonly string[];
    /** Where they answer, `<address>[:<port>]`. @default where the resolvers find them by name */
    readonly addresses?: readonly string[];
    /** Port of those that are given without one. @default 53 */
    readonly port?: number;
    /** Milliseconds for each reply. @default 10000 */
    readonly timeout?: number;
    /** Resolvers as `<address>[:<port>]`. @default the system's */
    readonly resolvers?: readonly string[];
}

async function askServer(
    server: DnsServer,
    name: string,
    type: string,
    timeout: number,
): Promise<DnsRecord[]> {
    const signal = AbortSignal.timeout(timeout);
    const reply = await queryServer(server, name, type, { recursive: false, signal });
    if (reply.code !== "NOERROR" && reply.code !== "NXDOMAIN")
        throw new Disagreement(`${server.address} answers ${reply.code} for ${name} ${type}`);
    if (!reply.authoritative)
        throw new Disagreement(`${server.address} does not speak for ${name}`);
    return reply.answers
        .filter((answer) => answer.type === type)
        .flatMap(record)
        .sort((a, b) => a.text.localeCompare(b.text));
}

/** `<address>[:<port>]`, an IPv6 address with a port in brackets. */
function serverAt(text: string, defaultPort: number): DnsServer {
    const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text) ?? [];
    return { address: bracketed ?? plain ?? text, port: Number(port ?? defaultPort) };
}

/** DNS over the network. */
export function doctorDns(options: DnsOptions): DoctorDns {
    const { nameServers, addresses, port = 53, resolvers, timeout = 10_000 } = options;
    const resolver = new Resolver({ timeout: 3000, tries: 2 });
    if (resolvers) resolver.setServers(resolvers);
    let servers: Promise<DnsServer[]> | undefined;
    const find = async (): Promise<DnsServer[]> => {
        if (addresses) return addresses.map((address) => serverAt(address, port));
        const found = await Promise.all(
            nameServers.map((name) =>
                resolver.resolve4(name).catch((cause: unknown) => {
                    throw new NotSeen(`name server ${name} has no address here`, cause);
                }),
            ),
        );
        return [...new Set(found.flat())].map((address) => ({ address, port }));
    };
    return {
        async authoritative(name, type) {
            const all = await (servers ??= find());
            const answers = await Promise.all(
                all.map(async (server) => ({
                    server,
                    records: await askServer(server, name, type, timeout),
                })),
            );
            const [first, ...others] = answers;
            if (first === undefined) throw new NotSeen("the zone has no name server");
            for (const other of others)
                if (JSON.stringify(other.records) !== JSON.stringify(first.records))
                    throw new Disagreement(
                        `${first.server.address} and ${other.server.address} differ about ${name} ${type}`,
                    );
            return first.records;
        },
        resolve: async (name, type) =>
            (await resolver.resolve(name, type)) as string[] | string[][],
        reverse: (ip) =>
            resolver.reverse(ip).catch((error: unknown) => {
                if (isAbsent(error)) return [];
                throw error;
            }),
    };
}
