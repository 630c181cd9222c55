import { Resolver } from "node:dns/promises";
import type { LabAddresses } from "../addresses.ts";

/** The domain does not exist, has no records of the type, or says that it takes no mail (RFC 7505). */
export class NoMailHost extends Error {
    constructor(domain: string, cause?: unknown) {
        super(`${domain} takes no mail`, { cause });
        this.name = "NoMailHost";
    }
}

/** A server that takes mail for a domain. */
export interface MailHost {
    readonly name: string;
    readonly addresses: readonly string[];
}

function isAbsent(error: unknown): boolean {
    return (
        error instanceof Error &&
        "code" in error &&
        (error.code === "ENODATA" || error.code === "ENOTFOUND")
    );
}

/** DNS as the mail servers of a lab see it: the lab's name servers answer for everything. */
export class LabDns {
    readonly #resolver = new Resolver({ timeout: 2000, tries: 2 });

    constructor({ nameServers, dnsPort }: Pick<LabAddresses, "nameServers" | "dnsPort">) {
        this.#resolver.setServers(nameServers.map((address) => `${address}:${dnsPort}`));
    }

    /** Records in the shapes of `node:dns`; throws its errors. */
    readonly resolve = async (name: string, type: string): Promise<string[] | string[][]> =>
        (await this.#resolver.resolve(name, type)) as string[] | string[][];

    /** Names that an address leads back to; none where nothing is published. */
    async reverse(ip: string): Promise<string[]> {
        return this.#resolver.reverse(ip).catch((error: unknown) => {
            if (isAbsent(error)) return [];
            throw error;
        });
    }

    /** Addresses of a host, IPv4 only; none where it has none. */
    async addresses(host: string): Promise<string[]> {
        return this.#resolver.resolve4(host).catch((error: unknown) => {
            if (isAbsent(error)) return [];
            throw error;
        });
    }

    /**
     * Servers of a domain in the order in which they are to be tried (RFC 5321, section 5.1).
     *
     * @throws NoMailHost when there is none, and errors of `node:dns` when that cannot be found out
     */
    async mailHosts(domain: string): Promise<MailHost[]> {
        const records = await this.#resolver.resolveMx(domain).catch((error: unknown) => {
            if (isAbsent(error)) return [];
            throw error;
        });
        const names = [...records]
            .sort((a, b) => a.priority - b.priority)
            .map(({ exchange }) => exchange);
        if (names.includes("")) throw new NoMailHost(domain);
        const hosts = await Promise.all(
            (names.length === 0 ? [domain] : names).map(async (name) => ({
                name,
                addresses: await this.addresses(name),
            })),
        );
        const reachable = hosts.filter(({ addresses }) => addresses.length > 0);
        if (reachable.length === 0) throw new NoMailHost(domain);
        return reachable;
    }
}
