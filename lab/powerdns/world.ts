import { ip6Arpa, reverseName } from "./reverseName.ts";
import type { LabAddresses } from "../addresses.ts";
import type { RecordSet } from "./powerDnsApi.ts";

/** The top-level domain of the lab, a signed zone that the emulated registry writes (RFC 2606 reserves the name). */
export const TOP_LEVEL_ZONE = "example.";

/** Name servers of the platform operator: they serve pool domains and customers' zones. */
export const OPERATOR_NAME_SERVERS = ["ns1.openova.example.", "ns2.openova.example."] as const;

/** The operator's pool domain: Sovereigns without a domain of their own live under it. */
export const POOL_ZONE = "omani.example.";

/** Name servers of the emulated registrar, for domains on its own DNS. */
export const REGISTRAR_NAME_SERVERS = ["ns1.dyna-ns.example.", "ns2.dyna-ns.example."] as const;

/** Domain of the lab's mailbox provider, to which a Sovereign can write. */
export const MAILBOX_DOMAIN = "mailbox.example";

/** Its server: what its MX and the PTR of its address name. */
export const MAILBOX_HOST = `mx.${MAILBOX_DOMAIN}`;

/** Where the emulated cloud's IPv6 addresses come from: the documentation prefix (RFC 3849), as a reverse zone. */
export const IPV6_REVERSE_ZONE = ip6Arpa("2001:db8::", 32);

/** Mark of the lab's own zones in their `account` field. */
export const WORLD_ACCOUNT = "lab";

/** A zone of the world around a Sovereign, with the records that it starts with. */
export interface WorldZone {
    /** With trailing dot. */
    readonly name: string;
    readonly signed: boolean;
    readonly nameServers: readonly string[];
    readonly records: readonly RecordSet[];
    /** Zone that delegates to it, with NS and, if signed, DS; undefined for the top. */
    readonly parent?: string;
}

/** Seconds; short, so that a change is seen as soon as it is made. */
const TTL = 60;

function addressRecords(names: readonly string[], addresses: readonly string[]): RecordSet[] {
    return names.map((name, i) => ({
        name,
        type: "A",
        ttl: TTL,
        records: [addresses[i] ?? ""],
    }));
}

/** What makes a mail domain: where it takes mail, and who may send in its name (RFC 7208, RFC 9989). */
function mailboxRecords({ mailbox }: LabAddresses): RecordSet[] {
    const set = (name: string, type: string, ...records: string[]): RecordSet => ({
        name: `${name}.`,
        type,
        ttl: TTL,
        records,
    });
    return [
        set(MAILBOX_DOMAIN, "MX", `10 ${MAILBOX_HOST}.`),
        set(MAILBOX_DOMAIN, "TXT", `"v=spf1 a:${MAILBOX_HOST} -all"`),
        set(`_dmarc.${MAILBOX_DOMAIN}`, "TXT", '"v=DMARC1; p=reject; psd=n"'),
        set(MAILBOX_HOST, "A", mailbox.host),
        set(MAILBOX_HOST, "TXT", '"v=spf1 a -all"'),
    ];
}

function mailboxPointer({ mailbox }: LabAddresses): RecordSet {
    return {
        name: reverseName(mailbox.host),
        type: "PTR",
        ttl: TTL,
        records: [`${MAILBOX_HOST}.`],
    };
}

/** SOA of a zone of the world. The serial is the server's to raise. */
export function startOfAuthority(zone: string, primary: string): RecordSet {
    return {
        name: zone,
        type: "SOA",
        ttl: TTL,
        records: [`${primary} hostmaster.openova.example. 1 10800 3600 604800 ${TTL}`],
    };
}

/** NS record set of a zone, at its apex or at its parent. */
export function nameServerSet(zone: string, nameServers: readonly string[]): RecordSet {
    return { name: zone, type: "NS", ttl: TTL, records: [...nameServers].sort() };
}

/**
 * The zones around a Sovereign: the top-level domain, the operator's own domain and pool domain, the registrar's name servers,
 * a mailbox provider's domain, and the reverse zones of the addresses that the emulated cloud hands out. Parents come before their children.
 */
export function worldZones(addresses: LabAddresses): readonly WorldZone[] {
    const registryServers = ["a.nic.example.", "b.nic.example."];
    const network = reverseName(`${addresses.prefix}.0.0`).split(".").slice(2).join(".");
    const operatorHosts = addressRecords(OPERATOR_NAME_SERVERS, addresses.nameServers);
    const registrarHosts = addressRecords(REGISTRAR_NAME_SERVERS, addresses.nameServers);
    const operator = { nameServers: OPERATOR_NAME_SERVERS };
    return [
        {
            name: TOP_LEVEL_ZONE,
            signed: true,
            nameServers: registryServers,
            records: [...addressRecords(registryServers, addresses.nameServers), ...operatorHosts],
        },
        {
            ...operator,
            name: "openova.example.",
            signed: true,
            records: operatorHosts,
            parent: TOP_LEVEL_ZONE,
        },
        { ...operator, name: POOL_ZONE, signed: true, records: [], parent: TOP_LEVEL_ZONE },
        {
            name: "dyna-ns.example.",
            signed: false,
            nameServers: REGISTRAR_NAME_SERVERS,
            records: registrarHosts,
            parent: TOP_LEVEL_ZONE,
        },
        {
            ...operator,
            name: `${MAILBOX_DOMAIN}.`,
            signed: true,
            records: mailboxRecords(addresses),
            parent: TOP_LEVEL_ZONE,
        },
        { ...operator, name: network, signed: false, records: [mailboxPointer(addresses)] },
        { ...operator, name: IPV6_REVERSE_ZONE, signed: false, records: [] },
    ];
}
