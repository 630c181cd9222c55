import { z } from "zod";
import { canonicalName } from "../names.ts";
import { change } from "./change.ts";
import { bare, listed, sameSet } from "./names.ts";
import { OvhApi, type OvhAccess } from "./ovhApi.ts";
import { OvhHosts } from "./ovhHosts.ts";
import { OvhSigners } from "./ovhSigners.ts";
import type { HostRecords, Registrar, Signers } from "./registrar.ts";
import type { RegistrarTransport } from "./transport.ts";

const domainSchema = z.object({ nameServerType: z.string() });
const idsSchema = z.array(z.number());
const nameServerSchema = z.object({ host: z.string(), toDelete: z.boolean().default(false) });

/** What a domain is answered by. */
interface Servers {
    /** Whether OVHcloud's own DNS is chosen; its name servers cannot be changed then. */
    readonly hosted: boolean;
    readonly names: readonly string[];
}

/**
 * A domain at OVHcloud: `GET`/`PUT /domain/{serviceName}`, `GET …/nameServer[/{id}]`, `POST …/nameServers/update`
 * (https://docs.ovh.com/gb/en/domains/api-dns/ and https://eu.api.ovh.com/console/). Name servers can be set only once `nameServerType` is
 * `external`; setting them is a task.
 */
export class Ovh implements Registrar {
    readonly hosts: HostRecords;
    readonly signers: Signers;
    readonly #api: OvhApi;
    readonly #transport: RegistrarTransport;

    constructor(access: OvhAccess, transport: RegistrarTransport) {
        this.#transport = transport;
        this.#api = new OvhApi(access, transport);
        this.hosts = new OvhHosts(this.#api, transport);
        this.signers = new OvhSigners(this.#api, transport);
    }

    nameServers(domain: string): Promise<string[]> {
        return this.#transport.persistently(async () => {
            const { hosted, names } = await this.#servers(domain);
            return hosted ? [] : [...names];
        });
    }

    setNameServers(domain: string, names: readonly string[]): Promise<void> {
        const action = `set the name servers of ${domain}`;
        const path = pathOf(domain);
        return change(this.#transport, {
            action,
            read: () => this.#servers(domain),
            isDone: (live) => !live.hosted && sameSet(live.names, names),
            write: async ({ hosted }) => {
                const body = { nameServerType: "external" };
                if (hosted) await this.#api.call({ method: "PUT", path, body, action });
                await this.#api.task(bare(domain), {
                    method: "POST",
                    path: `${path}/nameServers/update`,
                    body: { nameServers: names.map((name) => ({ host: bare(name) })) },
                    action,
                });
            },
            show: ({ names: found }) => listed(found),
            wanted: listed(names),
        });
    }

    clearNameServers(domain: string): Promise<void> {
        const action = `give ${domain} back to OVHcloud's own DNS`;
        const body = { nameServerType: "hosted" };
        return change(this.#transport, {
            action,
            read: () => this.#servers(domain),
            isDone: ({ hosted }) => hosted,
            write: async () => {
                await this.#api.call({ method: "PUT", path: pathOf(domain), body, action });
            },
            show: ({ hosted, names }) => (hosted ? "OVHcloud's own DNS" : listed(names)),
            wanted: "OVHcloud's own DNS",
        });
    }

    async #servers(domain: string): Promise<Servers> {
        const action = `read the name servers of ${domain}`;
        const get = (path: string) => this.#api.call({ method: "GET", path, action });
        const path = pathOf(domain);
        const { nameServerType } = domainSchema.parse(await get(path));
        const names: string[] = [];
        for (const id of idsSchema.parse(await get(`${path}/nameServer`))) {
            // One that is replaced meanwhile is gone from under its id.
            const found = await this.#api.optional(`${path}/nameServer/${id}`, action);
            const server = nameServerSchema.optional().parse(found);
            if (server !== undefined && !server.toDelete) names.push(canonicalName(server.host));
        }
        return { hosted: nameServerType === "hosted", names };
    }
}

function pathOf(domain: string): string {
    return `/domain/${encodeURIComponent(bare(domain))}`;
}
