import { canonicalAddress } from "../addresses.ts";
import { canonicalContent } from "../contents.ts";
import { canonicalName } from "../names.ts";
import { AccountTurn, READ_BACKS } from "./accountTurn.ts";
import { DynadotRefused, WithoutEffect } from "./failures.ts";
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
import { HostedSnapshot } from "./snapshot.ts";
import type { DynadotRequest, DynadotTransport } from "./transport.ts";

/** Paths of the RESTful API. */
const PATHS = {
    nameServers: (domain: string) => `/domains/${bare(domain)}/nameservers`,
    signers: (domain: string) => `/domains/${bare(domain)}/dnssec`,
    records: (domain: string) => `/domains/${bare(domain)}/records`,
    host: (host: string) => `/nameservers/${bare(host)}`,
};

/**
 * One user's turn at a Dynadot account. Domains and hosts are canonical names with trailing dot; DS records are in
 * presentation format. Every write reads first, is skipped where nothing would change, and is read back.
 */
export class DynadotSession {
    readonly #turn: AccountTurn;
    readonly #dialect: DynadotDialect;
    readonly #directory: string;

    /** @param directory - where snapshots are kept */
    constructor(transport: DynadotTransport, dialect: DynadotDialect, directory: string) {
        this.#turn = new AccountTurn(transport);
        this.#dialect = dialect;
        this.#directory = directory;
    }

    /**
     * Name servers of a domain; none where it is parked or on Dynadot's DNS.
     *
     * @param expected - where a reading shows others, it is repeated for as long as readings may lag behind
     */
    async nameServers(domain: string, expected?: readonly string[]): Promise<string[]> {
        for (let look = 0; ; look++) {
            const names = await this.#listedNameServers(domain);
            if (look >= READ_BACKS || (expected !== undefined && sameSet(names, expected)))
                return names;
            if (names.length > 0) {
                if (expected === undefined) return names;
            }
            // None is also what a reading says that lags behind: the other one tells.
            else if ((await this.hostedDns(domain)).mode.toUpperCase() !== "NAME_SERVERS")
                return names;
            await this.#turn.lag(look);
            this.#turn.forget(PATHS.nameServers(domain));
            this.#turn.forget(PATHS.records(domain));
        }
    }

    async #listedNameServers(domain: string): Promise<string[]> {
        const action = `read the name servers of ${domain}`;
        const answer = await this.#turn.read(PATHS.nameServers(domain), action);
        const list = nameServersSchema.parse(answer ?? {}).nameserver_list;
        // Unused slots may be listed with an empty name.
        return list.filter((name) => name !== "").map(canonicalName);
    }

    async setNameServers(domain: string, names: readonly string[]): Promise<void> {
        await this.#ensure(
            `set the name servers of ${domain}`,
            [PATHS.nameServers(domain), PATHS.records(domain)],
            async () => sameSet(await this.nameServers(domain), names),
            {
                method: "PUT",
                path: PATHS.nameServers(domain),
                body: { nameserver_list: names.map(bare) },
            },
        );
    }

    /** Takes a domain's own name servers away: it is parked again. API3 alone can do this. */
    async clearNameServers(domain: string): Promise<void> {
        const action = `park ${domain} again`;
        await this.#turn.make({
            action,
            touches: [PATHS.nameServers(domain), PATHS.records(domain)],
            satisfied: async () => (await this.nameServers(domain)).length === 0,
            write: () =>
                this.#turn.transport.command(
                    "set_clear_domain_setting",
                    "SetClearDomainSettingResponse",
                    { domain: bare(domain), service: "nameservers" },
                    action,
                ),
        });
    }

    /** Addresses of a host object of the account; undefined where it is not known there. */
    async host(host: string): Promise<string[] | undefined> {
        try {
            const answer = await this.#turn.read(PATHS.host(host), `read the host ${host}`);
            return hostSchema.parse(answer).ip_list.map(canonicalAddress);
        } catch (error) {
            if (error instanceof DynadotRefused && error.absent) return undefined;
            throw error;
        }
    }

    /** Registers a host below a domain of the account, with its addresses, at the registry. */
    async registerHost(host: string, addresses: readonly string[]): Promise<void> {
        await this.#ensure(
            `register the host ${host}`,
            [PATHS.host(host)],
            async () => (await this.host(host)) !== undefined,
            {
                method: "POST",
                path: "/nameservers/register",
                body: { nameserver: { server_name: bare(host), ip: addresses[0] } },
            },
        );
        await this.setHostAddresses(host, addresses);
    }

    async setHostAddresses(host: string, addresses: readonly string[]): Promise<void> {
        await this.#ensure(
            `set the addresses of the host ${host}`,
            [PATHS.host(host)],
            async () => sameSet((await this.host(host)) ?? [], addresses),
            { method: "PUT", path: `${PATHS.host(host)}/set_ip`, body: { ip_list: addresses } },
        );
    }

    /** Makes somebody else's name server known to the account. */
    async addExternalHost(host: string): Promise<void> {
        await this.#ensure(
            `make the name server ${host} known`,
            [PATHS.host(host)],
            async () => (await this.host(host)) !== undefined,
            { method: "POST", path: `${PATHS.host(host)}/add_external`, body: {} },
        );
    }

    /** Deletes a host object, also where a reading, which may lag behind, does not have it. */
    async deleteHost(host: string): Promise<void> {
        await this.#ensure(
            `delete the host ${host}`,
            [PATHS.host(host)],
            async () => (await this.host(host)) === undefined,
            { method: "DELETE", path: PATHS.host(host) },
            true,
        );
    }

    /** DS records of a domain. */
    async signers(domain: string): Promise<string[]> {
        const action = `read the DS records of ${domain}`;
        const answer = await this.#turn.read(PATHS.signers(domain), action);
        return dnssecSchema
            .parse(answer ?? {})
            .dnssec_info_list.map(({ key_tag, algorithm, digest_type, digest }) =>
                canonicalContent("DS", `${key_tag} ${algorithm} ${digest_type} ${digest}`),
            );
    }

    async addSigner(domain: string, ds: string): Promise<void> {
        const [keyTag, algorithm, digestType, digest] = ds.split(" ");
        await this.#ensure(
            `publish a DS record of ${domain}`,
            [PATHS.signers(domain)],
            async () => (await this.signers(domain)).includes(ds),
            {
                method: "PUT",
                path: PATHS.signers(domain),
                body: {
                    key_tag: Number(keyTag),
                    digest_type: named(DIGEST_TYPES, digestType, "digest type"),
                    digest,
                    algorithm: named(ALGORITHMS, algorithm, "algorithm"),
                },
            },
        );
    }

    /** Withdraws all DS records of a domain, also where a reading, which may lag behind, has none. */
    async clearSigners(domain: string): Promise<void> {
        await this.#ensure(
            `withdraw the DS records of ${domain}`,
            [PATHS.signers(domain)],
            async () => (await this.signers(domain)).length === 0,
            { method: "DELETE", path: PATHS.signers(domain) },
            true,
        );
    }

    /** What answers for a domain, and the records that Dynadot's own DNS holds for it. */
    async hostedDns(domain: string): Promise<HostedDns> {
        const action = `read the records of ${domain}`;
        const answer = await this.#turn.read(PATHS.records(domain), action);
        const { glue_type, ttl, dns_main_list, dns_sub_list } = glueSchema.parse(answer).glue_info;
        return { mode: glue_type, main: dns_main_list, sub: dns_sub_list, ttl };
    }

    /** Keeps what is about to be changed in a file; see {@link HostedSnapshot}. */
    keepSnapshot(domain: string, live: HostedDns): Promise<HostedSnapshot> {
        return HostedSnapshot.keep(this.#directory, bare(domain), live);
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
                [PATHS.records(domain)],
                async () => satisfied(await this.hostedDns(domain)),
                {
                    method: "POST",
                    path: PATHS.records(domain),
                    body: { [list]: records, add_dns_to_current_setting: 1 },
                },
            ),
        );
    }

    /**
     * Removes records that are given exactly as they were read or written. `regardless` removes them even where a reading,
     * which may lag behind, does not have them.
     */
    async removeRecords(
        domain: string,
        records: readonly HostedRecord[],
        satisfied: (live: HostedDns) => boolean,
        regardless = false,
    ): Promise<void> {
        await this.#withEitherList((list) =>
            this.#ensure(
                `remove ${records.length} records from ${domain}`,
                [PATHS.records(domain)],
                async () => satisfied(await this.hostedDns(domain)),
                { method: "DELETE", path: PATHS.records(domain), body: { [list]: records } },
                regardless,
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

    #ensure(
        action: string,
        touches: readonly string[],
        satisfied: () => Promise<boolean>,
        request: Omit<DynadotRequest, "action">,
        regardless = false,
    ): Promise<void> {
        const write = () => this.#turn.send({ ...request, action });
        return this.#turn.make({ action, touches, satisfied, write, regardless });
    }
}

/** Dynadot's APIs take names without their trailing dot. */
function bare(name: string): string {
    return name.replace(/\.$/, "");
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
    return a.length === b.length && a.every((entry) => b.includes(entry));
}
