import { z } from "zod";
import { canonicalName } from "../names.ts";
import { change, readNames } from "./change.ts";
import { bare, listed, sameSet } from "./names.ts";
import { OvhApi, type OvhAccess } from "./ovhApi.ts";
import { OvhHosts } from "./ovhHosts.ts";
import { OvhSigners } from "./ovhSigners.ts";
import type { HostRecords, Registrar, Signers } from "./registrar.ts";
import type { RegistrarTransport } from "./transport.ts";

const domainSchema = z.object({ nameServerType: z.string() });
/** Values of `nameServerType` (`domain.DomainNsTypeEnum`) with which name servers are the owner's own. */
const EXTERNAL_TYPES: ReadonlySet<string> = new Set(["external", "mixed"]);

const idsSchema = z.array(z.number());
const nameServerSchema = z.object({ host: z.string(), toDelete: z.boolean().default(false) });

/** What a domain is answered by. */
interface Servers {
    /** Whether name servers can be set: OVHcloud's own DNS is not chosen. */
    readonly external: boolean;
    readonly names: readonly string[];
}

/**
 * Milliseconds until a change of `nameServerType` is to be seen: ten minutes, as OVHcloud's own client waits
 * (`resource_domain_name_servers.go` of github.com/ovh/terraform-provider-ovh).
 */
const TYPE_PATIENCE = 10 * 60_000;

/** Name servers of OVHcloud's own DNS, as `pages/web_cloud/domains/dns_ips_update` of github.com/ovh/docs lists them. */
const OWN_SERVER = /^d?ns\d*\.ovh\.net\.$/;

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

    nameServers(domain: string, expected?: readonly string[]): Promise<string[]> {
        const read = async () => chosen(await this.#servers(domain));
        return readNames(this.#transport, read, expected);
    }

    async setNameServers(
        domain: string,
        names: readonly string[],
        found: readonly string[],
    ): Promise<void> {
        await this.#setType(domain, "external", found);
        const action = `set the name servers of ${domain}`;
        await change(this.#transport, {
            action,
            read: () => this.#servers(domain),
            isDone: (live) => live.external && sameSet(live.names, names),
            isExpected: (live) => live.external && sameSet(chosen(live), found),
            write: () =>
                this.#api.task(bare(domain), {
                    method: "POST",
                    path: `${pathOf(domain)}/nameServers/update`,
                    body: { nameServers: names.map((name) => ({ host: bare(name) })) },
                    action,
                }),
            show: ({ names: live }) => listed(live),
            wanted: listed(names),
        });
    }

    clearNameServers(domain: string): Promise<void> {
        return this.#setType(domain, "hosted");
    }

    /** @param found - name servers that the change stands on */
    #setType(
        domain: string,
        nameServerType: "hosted" | "external",
        found?: readonly string[],
    ): Promise<void> {
        const external = nameServerType === "external";
        const action = external
            ? `let ${domain} have name servers of its own`
            : `give ${domain} back to OVHcloud's own DNS`;
        return change(this.#transport, {
            action,
            read: () => this.#servers(domain),
            isDone: (live) => live.external === external,
            isExpected: (live) =>
                found === undefined ? live.external !== external : sameSet(chosen(live), found),
            write: async () => {
                const body = { nameServerType };
                await this.#api.call({ method: "PUT", path: pathOf(domain), body, action });
            },
            show: (live) => (live.external ? listed(live.names) : "OVHcloud's own DNS"),
            wanted: external ? "name servers of its own" : "OVHcloud's own DNS",
            patience: TYPE_PATIENCE,
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
        return { external: EXTERNAL_TYPES.has(nameServerType), names };
    }
}

/** Name servers by choice of somebody. OVHcloud's own stay for a while when the type has become `external`. */
function chosen({ external, names }: Servers): string[] {
    return external && !names.every((name) => OWN_SERVER.test(name)) ? [...names] : [];
}

function pathOf(domain: string): string {
    return `/domain/${encodeURIComponent(bare(domain))}`;
}
