import { canonicalAddress } from "../addresses.ts";
import { canonicalContent } from "../contents.ts";
import { canonicalName } from "../names.ts";
import {
    ALGORITHMS,
    DIGEST_TYPES,
    dnssecSchema,
    glueSchema,
    hostSchema,
    named,
    nameServersSchema,
    type DynadotDialect,
    type HostedDns,
    type HostedRecord,
    type SubRecordList,
} from "./messages.ts";
import { DynadotRefused, DynadotUnavailable, WithoutEffect } from "./failures.ts";
import type { DynadotRequest, DynadotTransport } from "./transport.ts";

/** How often a write is read back before it counts as not done: reads may lag behind writes. */
const READ_BACKS = 5;

/**
 * One user's turn at a Dynadot account. Domains and hosts are canonical names with trailing dot; DS records are in
 * presentation format. Every write reads first, is skipped where nothing would change, and is read back.
 */
export class DynadotSession {
    readonly #transport: DynadotTransport;
    readonly #dialect: DynadotDialect;

    constructor(transport: DynadotTransport, dialect: DynadotDialect) {
        this.#transport = transport;
        this.#dialect = dialect;
    }

    /** Name servers of a domain; none where it is parked or on Dynadot's DNS. */
    async nameServers(domain: string): Promise<string[]> {
        const answer = await this.#read(`/domains/${bare(domain)}/nameservers`, {
            action: `read the name servers of ${domain}`,
        });
        const list = nameServersSchema.parse(answer ?? {}).nameserver_list;
        // Unused slots may be listed with an empty name.
        return list.filter((name) => name !== "").map(canonicalName);
    }

    async setNameServers(domain: string, names: readonly string[]): Promise<void> {
        await this.#ensure(
            `set the name servers of ${domain}`,
            async () => sameSet(await this.nameServers(domain), names),
            (action) => ({
                method: "PUT",
                path: `/domains/${bare(domain)}/nameservers`,
                body: { nameserver_list: names.map(bare) },
                action,
            }),
        );
    }

    /** Takes a domain's own name servers away: it is parked again. API3 alone can do this. */
    async clearNameServers(domain: string): Promise<void> {
        const action = `park ${domain} again`;
        await this.#converge(
            action,
            async () => (await this.nameServers(domain)).length === 0,
            () =>
                this.#transport.command(
                    "set_clear_domain_setting",
                    "SetClearDomainSettingResponse",
                    { domain: bare(domain), service: "nameservers" },
                    action,
                ),
        );
    }

    /** Addresses of a host object of the account; undefined where it is not known there. */
    async host(host: string): Promise<string[] | undefined> {
        try {
            const answer = await this.#read(`/nameservers/${bare(host)}`, {
                action: `read the host ${host}`,
            });
            return hostSchema.parse(answer).ip_list.map(canonicalAddress);
        } catch (error) {
            if (error instanceof DynadotRefused && error.absent) return undefined;
            throw error;
        }
    }

    /** Registers a host below a domain of the account, with its addresses, at the registry. */
    async registerHost(host: string, addresses: readonly string[]): Promise<void> {
        const known = async () => (await this.host(host)) !== undefined;
        await this.#ensure(`register the host ${host}`, known, (action) => ({
            method: "POST",
            path: "/nameservers/register",
            body: { nameserver: { server_name: bare(host), ip: addresses[0] } },
            action,
        }));
        await this.setHostAddresses(host, addresses);
    }

    async setHostAddresses(host: string, addresses: readonly string[]): Promise<void> {
        await this.#ensure(
            `set the addresses of the host ${host}`,
            async () => sameSet((await this.host(host)) ?? [], addresses),
            (action) => ({
                method: "PUT",
                path: `/nameservers/${bare(host)}/set_ip`,
                body: { ip_list: addresses },
                action,
            }),
        );
    }

    /** Makes somebody else's name server known to the account. */
    async addExternalHost(host: string): Promise<void> {
        const known = async () => (await this.host(host)) !== undefined;
        await this.#ensure(`make the name server ${host} known`, known, (action) => ({
            method: "POST",
            path: `/nameservers/${bare(host)}/add_external`,
            body: {},
            action,
        }));
    }

    async deleteHost(host: string): Promise<void> {
        const gone = async () => (await this.host(host)) === undefined;
        await this.#ensure(`delete the host ${host}`, gone, (action) => ({
            method: "DELETE",
            path: `/nameservers/${bare(host)}`,
            action,
        }));
    }

    /** DS records of a domain. */
    async signers(domain: string): Promise<string[]> {
        const answer = await this.#read(`/domains/${bare(domain)}/dnssec`, {
            action: `read the DS records of ${domain}`,
        });
        return dnssecSchema
            .parse(answer ?? {})
            .dnssec_info_list.map((d) =>
                canonicalContent("DS", `${d.key_tag} ${d.algorithm} ${d.digest_type} ${d.digest}`),
            );
    }

    async addSigner(domain: string, ds: string): Promise<void> {
        const [keyTag, algorithm, digestType, digest] = ds.split(" ");
        await this.#ensure(
            `publish a DS record of ${domain}`,
            async () => (await this.signers(domain)).includes(ds),
            (action) => ({
                method: "PUT",
                path: `/domains/${bare(domain)}/dnssec`,
                body: {
                    key_tag: Number(keyTag),
                    digest_type: named(DIGEST_TYPES, digestType, "digest type"),
                    digest,
                    algorithm: named(ALGORITHMS, algorithm, "algorithm"),
                },
                action,
            }),
        );
    }

    async clearSigners(domain: string): Promise<void> {
        await this.#ensure(
            `withdraw the DS records of ${domain}`,
            async () => (await this.signers(domain)).length === 0,
            (action) => ({ method: "DELETE", path: `/domains/${bare(domain)}/dnssec`, action }),
        );
    }

    /** What answers for a domain, and the records that Dynadot's own DNS holds for it. */
    async hostedDns(domain: string): Promise<HostedDns> {
        const answer = await this.#read(`/domains/${bare(domain)}/records`, {
            action: `read the records of ${domain}`,
        });
        const { glue_type, dns_main_list, dns_sub_list } = glueSchema.parse(answer).glue_info;
        return { mode: glue_type, main: dns_main_list, sub: dns_sub_list };
    }

    /** Appends records below a domain; `satisfied` says from what is there whether they are. Names no TTL: it is the domain's. */
    async appendRecords(
        domain: string,
        records: readonly HostedRecord[],
        satisfied: (live: HostedDns) => boolean,
    ): Promise<void> {
        await this.#withEitherList((list) =>
            this.#ensure(
                `append ${records.length} records to ${domain}`,
                async () => satisfied(await this.hostedDns(domain)),
                (action) => ({
                    method: "POST",
                    path: `/domains/${bare(domain)}/records`,
                    body: { [list]: records, add_dns_to_current_setting: 1 },
                    action,
                }),
            ),
        );
    }

    /** Removes records that are given exactly as they were read. */
    async removeRecords(
        domain: string,
        records: readonly HostedRecord[],
        satisfied: (live: HostedDns) => boolean,
    ): Promise<void> {
        await this.#withEitherList((list) =>
            this.#ensure(
                `remove ${records.length} records from ${domain}`,
                async () => satisfied(await this.hostedDns(domain)),
                (action) => ({
                    method: "DELETE",
                    path: `/domains/${bare(domain)}/records`,
                    body: { [list]: records },
                    action,
                }),
            ),
        );
    }

    /**
     * Documentation and clients name the list of sub records differently in writes, and an unknown name is ignored without
     * a word. Appending or removing an empty list does no harm, so that the other name is tried where one had no effect.
     */
    async #withEitherList(act: (list: SubRecordList) => Promise<void>): Promise<void> {
        try {
            await act(this.#dialect.subRecordList);
        } catch (error) {
            if (!(error instanceof WithoutEffect)) throw error;
            const other = this.#dialect.subRecordList === "sub_list" ? "dns_sub_list" : "sub_list";
            await act(other);
            this.#dialect.subRecordList = other;
        }
    }

    #read(path: string, { action }: { readonly action: string }): Promise<unknown> {
        return this.#transport.read({ method: "GET", path, action });
    }

    #ensure(
        action: string,
        satisfied: () => Promise<boolean>,
        request: (action: string) => DynadotRequest,
    ): Promise<void> {
        return this.#converge(action, satisfied, async () => {
            await this.#transport.send(request(action));
        });
    }

    /** Reads, writes where something is missing, and reads back. A write is repeated only after reading what became of it. */
    async #converge(
        action: string,
        satisfied: () => Promise<boolean>,
        write: () => Promise<void>,
    ): Promise<void> {
        await this.#transport.persistently(async () => {
            if (await satisfied()) return;
            try {
                await write();
            } catch (error) {
                const ambiguous = error instanceof DynadotUnavailable && !error.untouched;
                if (!ambiguous) throw error;
                await this.#transport.pause(error.pause, 0);
                if (await satisfied()) return;
                throw error;
            }
            for (let look = 0; look < READ_BACKS; look++) {
                if (look > 0) await this.#transport.pause(1000, look - 1);
                if (await satisfied()) return;
            }
            throw new WithoutEffect(action);
        });
    }
}

/** Dynadot's APIs take names without their trailing dot. */
function bare(name: string): string {
    return name.replace(/\.$/, "");
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
    return a.length === b.length && a.every((entry) => b.includes(entry));
}
