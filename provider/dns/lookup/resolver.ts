import { getServers } from "node:dns";
import { isIP } from "node:net";
import type { Answer } from "dns-packet";
import type { ProviderConfiguration } from "../../framework/configuration.ts";
import { canonicalName, parentName } from "../names.ts";
import { NoDnsAnswer, queryServer, type DnsAnswer, type DnsServer } from "./query.ts";

/** DNS as the checks of delegations see it: the resolver for finding servers, then the servers themselves, uncached. */
export class Resolver {
    readonly #servers: readonly DnsServer[];
    readonly #authoritativePort: number;

    constructor(config: ProviderConfiguration) {
        const configured = config.optional("resolver");
        this.#servers = (configured === undefined ? getServers() : [configured]).map(serverOf);
        this.#authoritativePort = config.dnsPort;
    }

    /** Records of the name and type that the resolver finds; none where the name does not exist. */
    async resolve(name: string, type: string, signal: AbortSignal): Promise<readonly Answer[]> {
        let failure: unknown = new Error("no resolver is configured");
        for (const server of this.#servers) {
            try {
                const reply = await queryServer(server, name, type, { recursive: true, signal });
                if (reply.code === "NOERROR" || reply.code === "NXDOMAIN")
                    return reply.answers.filter((answer) => answer.type === type);
                failure = new Error(
                    `${server.address}:${server.port} answers ${reply.code} for ${name} ${type}`,
                );
            } catch (error) {
                signal.throwIfAborted();
                failure = error;
            }
        }
        throw failure instanceof Error ? failure : new Error(String(failure));
    }

    /** Addresses of a host, IPv4 first. */
    async addresses(host: string, signal: AbortSignal): Promise<string[]> {
        const found: string[] = [];
        for (const type of ["A", "AAAA"])
            for (const answer of await this.resolve(host, type, signal))
                if ("data" in answer && typeof answer.data === "string") found.push(answer.data);
        return found;
    }

    /** The authoritative server at an address. */
    authoritative(address: string): DnsServer {
        return { address, port: this.#authoritativePort };
    }

    /**
     * Records that the parent of `zone` holds for it, asked at the parent's own servers, so that no cache is in between.
     * Throws where none of them can be found or answers.
     */
    async atParent(zone: string, type: string, signal: AbortSignal): Promise<readonly Answer[]> {
        const { answers, authorities } = await this.#parentReply(zone, type, signal);
        // Name servers of a child come as a referral, its DS as an answer. A server that holds parent and child
        // gives the child's own NS: to its clients that is as good as a referral.
        return recordsOf(zone, type, type === "NS" ? [...answers, ...authorities] : answers);
    }

    /**
     * Name servers that the parent of `zone` refers to. None where the parent's server answers for the zone itself: what it
     * says then is the zone's own. Throws as {@link atParent} does.
     */
    async referral(zone: string, signal: AbortSignal): Promise<string[]> {
        const { authorities } = await this.#parentReply(zone, "NS", signal);
        return recordsOf(zone, "NS", authorities).flatMap((record) =>
            record.type === "NS" && typeof record.data === "string"
                ? [canonicalName(record.data)]
                : [],
        );
    }

    async #parentReply(zone: string, type: string, signal: AbortSignal): Promise<DnsAnswer> {
        let failure: unknown;
        for (const address of await this.#parentAddresses(zone, signal)) {
            const server = this.authoritative(address);
            try {
                return await queryServer(server, zone, type, { recursive: false, signal });
            } catch (error) {
                if (!(error instanceof NoDnsAnswer)) throw error;
                failure = error;
            }
        }
        throw new Error(`no name server of the parent of ${zone} answers`, { cause: failure });
    }

    async #parentAddresses(zone: string, signal: AbortSignal): Promise<string[]> {
        for (let parent = parentName(zone); ; parent = parentName(parent)) {
            const servers = await this.resolve(parent, "NS", signal);
            const hosts = servers.flatMap((answer) =>
                answer.type === "NS" && typeof answer.data === "string" ? [answer.data] : [],
            );
            if (hosts.length > 0) {
                const found = await Promise.all(hosts.map((h) => this.addresses(h, signal)));
                return found.flat();
            }
            if (parent === ".") return [];
        }
    }
}

function recordsOf(zone: string, type: string, records: readonly Answer[]): Answer[] {
    return records.filter((record) => record.type === type && canonicalName(record.name) === zone);
}

function serverOf(text: string): DnsServer {
    const match = /^\[?(.+?)\]?:(\d+)$/.exec(text);
    if (match === null || isIP(text) !== 0) return { address: text, port: 53 };
    return { address: match[1] ?? "", port: Number(match[2]) };
}
