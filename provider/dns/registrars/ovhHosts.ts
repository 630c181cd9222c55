import { z } from "zod";
import { canonicalAddress } from "../addresses.ts";
import { change } from "./change.ts";
import { bare, listed, sameSet } from "./names.ts";
import type { OvhApi } from "./ovhApi.ts";
import type { HostRecords } from "./registrar.ts";
import type { RegistrarTransport } from "./transport.ts";

const domainSchema = z.object({
    hostSupported: z.boolean().default(true),
    glueRecordIpv6Supported: z.boolean().default(false),
    glueRecordMultiIpSupported: z.boolean().default(false),
});
const glueSchema = z.object({ ips: z.array(z.string()).default([]) });

/** Glue records at OVHcloud: `/domain/{serviceName}/glueRecord[/{host}[/update]]` (https://docs.ovh.com/gb/en/domains/api-dns/). */
export class OvhHosts implements HostRecords {
    readonly #api: OvhApi;
    readonly #transport: RegistrarTransport;

    constructor(api: OvhApi, transport: RegistrarTransport) {
        this.#api = api;
        this.#transport = transport;
    }

    /** What a registry can hold differs from one top-level domain to the next, and the domain says so. */
    async obstacle(
        domain: string,
        host: string,
        addresses: readonly string[],
    ): Promise<string | undefined> {
        const action = `read what the registry of ${domain} can hold`;
        const path = `/domain/${encodeURIComponent(bare(domain))}`;
        const read = () => this.#api.call({ method: "GET", path, action });
        const can = domainSchema.parse(await this.#transport.persistently(read));
        if (!can.hostSupported) return `the registry of ${domain} has no host records of their own`;
        if (!can.glueRecordIpv6Supported && addresses.some((address) => address.includes(":")))
            return `the registry of ${domain} takes no IPv6 address for ${host}`;
        if (!can.glueRecordMultiIpSupported && addresses.length > 1)
            return `the registry of ${domain} takes only one address for ${host}`;
        return undefined;
    }

    read(domain: string, host: string): Promise<string[] | undefined> {
        return this.#transport.persistently(() => this.#find(domain, host));
    }

    register(domain: string, host: string, addresses: readonly string[]): Promise<void> {
        return this.#set(domain, host, addresses, `register the host ${host}`);
    }

    setAddresses(domain: string, host: string, addresses: readonly string[]): Promise<void> {
        return this.#set(domain, host, addresses, `set the addresses of the host ${host}`);
    }

    async remove(domain: string, host: string): Promise<string | undefined> {
        const action = `delete the host ${host}`;
        await change(this.#transport, {
            action,
            read: () => this.#find(domain, host),
            isDone: (live) => live === undefined,
            isExpected: (live) => live !== undefined,
            write: () => {
                const path = pathOf(domain, host);
                return this.#api.task(bare(domain), { method: "DELETE", path, action });
            },
            show: (live) => listed(live ?? []),
            wanted: "none",
        });
        return undefined;
    }

    #set(domain: string, host: string, ips: readonly string[], action: string): Promise<void> {
        return change(this.#transport, {
            action,
            read: () => this.#find(domain, host),
            isDone: (live) => live !== undefined && sameSet(live, ips),
            write: (live) => {
                const call =
                    live === undefined
                        ? { path: pathOf(domain), body: { host: bare(host), ips } }
                        : { path: `${pathOf(domain, host)}/update`, body: { ips } };
                return this.#api.task(bare(domain), { method: "POST", ...call, action });
            },
            show: (live) => listed(live ?? []),
            wanted: listed(ips),
        });
    }

    async #find(domain: string, host: string): Promise<string[] | undefined> {
        const found = await this.#api.optional(pathOf(domain, host), `read the host ${host}`);
        return glueSchema.optional().parse(found)?.ips.map(canonicalAddress);
    }
}

function pathOf(domain: string, host?: string): string {
    const base = `/domain/${encodeURIComponent(bare(domain))}/glueRecord`;
    return host === undefined ? base : `${base}/${encodeURIComponent(bare(host))}`;
}
