import { ownDomain } from "./accountState.ts";
import type { AccountState } from "./accountState.ts";
import { setDnssec } from "./delegationSigners.ts";
import { removeRecords, writeRecords } from "./hostedRecords.ts";
import {
    addExternalHost,
    deleteHost,
    hostByName,
    registerHost,
    setHostAddresses,
    setNameServers,
} from "./nameServerHosts.ts";
import { addressesOf, dnssecOf, hostOf, nameServersOf, recordsOf } from "./restBodies.ts";
import { dnssecData, domainData, glueInfo, hostData } from "./restViews.ts";
import type { DynadotSwitches } from "./switches.ts";

/** Seconds; TTL of a replacement that names none (RESTful documentation). */
const DEFAULT_REST_TTL = 86_400;

/** What an operation is given beside the account. */
export interface RestCall {
    /** The domain or host in the path. */
    readonly subject: string;
    readonly body: Buffer;
    readonly switches: DynadotSwitches;
    /** Milliseconds since 1970. */
    readonly now: number;
}

/** An operation of the RESTful API. */
export interface RestOperation {
    readonly method: "GET" | "POST" | "PUT" | "DELETE";
    /** Below `/restful/v2`; `:subject` is a domain or host. */
    readonly path: string;
    /** Command of API3 that does the same. */
    readonly name: string;
    readonly writes: boolean;
    /** Whether it is refused without `X-Signature`. A signature that is there is always checked. */
    readonly signed?: boolean;
    /** Returns the response's `data`; undefined for none. */
    readonly run: (account: AccountState, call: RestCall) => Record<string, unknown> | undefined;
}

const domain = (account: AccountState, call: RestCall) => ownDomain(account, call.subject);

/** Operations of `/restful/v2` (https://www.dynadot.com/domain/api-document). */
export const REST_OPERATIONS: readonly RestOperation[] = [
    {
        method: "GET",
        path: "/domains/:subject",
        name: "domain_info",
        writes: false,
        run: (account, call) => domainData(domain(account, call)),
    },
    {
        method: "GET",
        path: "/domains/:subject/records",
        name: "get_dns",
        writes: false,
        signed: true,
        run: (account, call) => ({ glue_info: glueInfo(domain(account, call)) }),
    },
    {
        method: "POST",
        path: "/domains/:subject/records",
        name: "set_dns2",
        writes: true,
        signed: true,
        run: (account, call) => {
            const write = recordsOf(call.body, call.switches);
            const target = domain(account, call);
            writeRecords(target, write, DEFAULT_REST_TTL, call.switches, call.now);
            return undefined;
        },
    },
    {
        method: "DELETE",
        path: "/domains/:subject/records",
        name: "remove_dns",
        writes: true,
        run: (account, call) => {
            const write = recordsOf(call.body, call.switches);
            const removed = removeRecords(domain(account, call), write);
            return {
                main_record_removed_count: removed.main,
                sub_record_removed_count: removed.sub,
            };
        },
    },
    {
        method: "GET",
        path: "/domains/:subject/nameservers",
        name: "get_ns",
        writes: false,
        run: (account, call) => ({ nameserver_list: domain(account, call).nameServers }),
    },
    {
        method: "PUT",
        path: "/domains/:subject/nameservers",
        name: "set_ns",
        writes: true,
        run: (account, call) => {
            setNameServers(account, [call.subject], nameServersOf(call.body), call.switches);
            return undefined;
        },
    },
    {
        method: "GET",
        path: "/domains/:subject/dnssec",
        name: "get_dnssec",
        writes: false,
        run: (account, call) => dnssecData(domain(account, call)),
    },
    {
        method: "PUT",
        path: "/domains/:subject/dnssec",
        name: "set_dnssec",
        writes: true,
        run: (account, call) => {
            setDnssec(domain(account, call), dnssecOf(call.body), call.switches);
            return undefined;
        },
    },
    {
        method: "DELETE",
        path: "/domains/:subject/dnssec",
        name: "clear_dnssec",
        writes: true,
        run: (account, call) => {
            domain(account, call).ds = [];
            return undefined;
        },
    },
    {
        method: "GET",
        path: "/nameservers",
        name: "server_list",
        writes: false,
        run: (account) => ({ nameserver_list: account.hosts.map(hostData) }),
    },
    {
        method: "GET",
        path: "/nameservers/:subject",
        name: "server_list",
        writes: false,
        run: (account, call) => hostData(hostByName(account, call.subject)),
    },
    {
        method: "POST",
        path: "/nameservers/register",
        name: "register_ns",
        writes: true,
        run: (account, call) => {
            const { name, ip } = hostOf(call.body);
            return hostData(registerHost(account, name, ip));
        },
    },
    {
        method: "POST",
        path: "/nameservers/:subject/add_external",
        name: "add_ns",
        writes: true,
        run: (account, call) => hostData(addExternalHost(account, call.subject)),
    },
    {
        method: "PUT",
        path: "/nameservers/:subject/set_ip",
        name: "set_ns_ip",
        writes: true,
        run: (account, call) => {
            const host = hostByName(account, call.subject);
            setHostAddresses(account, host, addressesOf(call.body));
            return hostData(host);
        },
    },
    {
        method: "DELETE",
        path: "/nameservers/:subject",
        name: "delete_ns",
        writes: true,
        run: (account, call) => {
            deleteHost(account, hostByName(account, call.subject));
            return undefined;
        },
    },
];
