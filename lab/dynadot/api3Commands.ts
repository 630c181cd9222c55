import { DEFAULT_TTL, DynadotRefusal, NO_RECORDS, ownDomain } from "./accountState.ts";
import type { AccountState } from "./accountState.ts";
import { numbered, recordWrite, required } from "./api3Parameters.ts";
import { domainInfo, nameServerSettings } from "./api3Views.ts";
import { setDnssec } from "./delegationSigners.ts";
import { writeRecords } from "./hostedRecords.ts";
import {
    addExternalHost,
    deleteHost,
    hostById,
    hostByName,
    registerHost,
    setHostAddresses,
    setNameServers,
} from "./nameServerHosts.ts";
import type { DynadotSwitches } from "./switches.ts";

/** What a command is given beside the account. */
export interface Api3Call {
    readonly parameters: URLSearchParams;
    readonly switches: DynadotSwitches;
    /** Milliseconds since 1970. */
    readonly now: number;
}

/** A command of API3. */
export interface Api3Command {
    /** Start of the response's root: `<root>Response`. */
    readonly root: string;
    readonly writes: boolean;
    /** Whether the documentation shows the success code as text. @default false */
    readonly textCode?: boolean;
    /** Returns what stands in the response beside code and status. */
    readonly run: (account: AccountState, call: Api3Call) => Record<string, unknown>;
}

const domains = (call: Api3Call) => required(call.parameters, "domain").split(",");
const theDomain = (account: AccountState, call: Api3Call) =>
    ownDomain(account, required(call.parameters, "domain"));
const dnssecDomain = (account: AccountState, call: Api3Call) =>
    ownDomain(account, required(call.parameters, "domain_name"));
const text = (call: Api3Call, name: string) => call.parameters.get(name) ?? undefined;

/** Commands by their name (https://www.dynadot.com/domain/api-commands). */
export const API3_COMMANDS: Readonly<Record<string, Api3Command>> = {
    domain_info: {
        root: "DomainInfo",
        writes: false,
        run: (account, call) => ({
            DomainInfo: domainInfo(account, theDomain(account, call), call.switches),
        }),
    },
    list_domain: {
        root: "ListDomainInfo",
        writes: false,
        run: (account, call) => ({
            MainDomains: account.domains.map((d) => domainInfo(account, d, call.switches)),
        }),
    },
    get_dns: {
        root: "GetDns",
        writes: false,
        run: (account, call) => ({
            GetDns: {
                NameServerSettings: nameServerSettings(
                    account,
                    theDomain(account, call),
                    call.switches,
                ),
            },
        }),
    },
    set_dns2: {
        root: "SetDns",
        writes: true,
        run: (account, call) => {
            const write = recordWrite(call.parameters, call.switches);
            for (const name of domains(call))
                writeRecords(ownDomain(account, name), write, DEFAULT_TTL, call.switches, call.now);
            return {};
        },
    },
    get_ns: {
        root: "GetNs",
        writes: false,
        run: (account, call) => ({
            NsContent: Object.fromEntries(
                theDomain(account, call).nameServers.map((name, i) => [`Host${i}`, name]),
            ),
        }),
    },
    set_ns: {
        root: "SetNs",
        writes: true,
        run: (account, call) => {
            // One slot more than there are, so that too many are refused and not cut off.
            setNameServers(
                account,
                domains(call),
                numbered(call.parameters, "ns", 14),
                call.switches,
            );
            return {};
        },
    },
    set_parking: {
        root: "SetParking",
        writes: true,
        textCode: true,
        run: (account, call) => {
            for (const name of domains(call)) park(account, name);
            return {};
        },
    },
    add_ns: {
        root: "AddNs",
        writes: true,
        run: (account, call) => {
            const host = addExternalHost(account, required(call.parameters, "host"));
            return { AddNsContent: { Server: { Host: host.name, ServerId: host.id } } };
        },
    },
    register_ns: {
        root: "RegisterNs",
        writes: true,
        textCode: true,
        run: (account, { parameters }) => {
            registerHost(account, required(parameters, "host"), required(parameters, "ip"));
            return {};
        },
    },
    set_ns_ip: {
        root: "SetNsIp",
        writes: true,
        textCode: true,
        run: (account, { parameters }) => {
            const host = hostById(account, Number(required(parameters, "server_id")));
            setHostAddresses(account, host, numbered(parameters, "ip", 10));
            return {};
        },
    },
    delete_ns: {
        root: "DeleteNs",
        writes: true,
        run: (account, { parameters }) => {
            deleteHost(account, hostById(account, Number(required(parameters, "server_id"))));
            return {};
        },
    },
    delete_ns_by_domain: {
        root: "DeleteNs",
        writes: true,
        run: (account, { parameters }) => {
            deleteHost(account, hostByName(account, required(parameters, "server_domain")));
            return {};
        },
    },
    server_list: {
        root: "ServerList",
        writes: false,
        run: (account) => ({
            ServerList: account.hosts.map((h) => ({ ServerId: String(h.id), ServerName: h.name })),
        }),
    },
    set_dnssec: {
        root: "SetDnssec",
        writes: true,
        run: (account, call) => {
            setDnssec(
                dnssecDomain(account, call),
                {
                    keyTag: text(call, "key_tag"),
                    digestType: text(call, "digest_type"),
                    digest: text(call, "digest"),
                    algorithm: text(call, "algorithm"),
                    flags: text(call, "flags"),
                    publicKey: text(call, "public_key"),
                },
                call.switches,
            );
            return {};
        },
    },
    get_dnssec: {
        root: "GetDnssec",
        writes: false,
        run: (account, call) => ({
            DnssecInfo: dnssecDomain(account, call).ds.map((d) => ({
                KeyTag: String(d.keyTag),
                Algorithm: String(d.algorithm),
                DigestType: String(d.digestType),
                Digest: d.digest,
            })),
        }),
    },
    clear_dnssec: {
        root: "ClearDnssec",
        writes: true,
        run: (account, call) => {
            dnssecDomain(account, call).ds = [];
            return {};
        },
    },
    set_clear_domain_setting: {
        root: "SetClearDomainSetting",
        writes: true,
        textCode: true,
        run: (account, call) => {
            for (const name of domains(call))
                clearSetting(account, name, required(call.parameters, "service"));
            return {};
        },
    },
};

function park(account: AccountState, name: string): void {
    const domain = ownDomain(account, name);
    domain.mode = "parking";
    domain.nameServers = [];
    domain.hosted = NO_RECORDS;
}

function clearSetting(account: AccountState, name: string, service: string): void {
    const domain = ownDomain(account, name);
    const used = { dns: "dynadot-dns", nameservers: "name-servers" }[service];
    if (service === "dnssec") domain.ds = [];
    else if (used !== undefined) {
        if (domain.mode === used) park(account, name);
    } else if (!["forward", "stealth", "email_forwarding"].includes(service))
        throw new DynadotRefusal(`invalid service: ${service}`);
}
