import type { DomainState, HostedRecord, NameServerHost } from "./accountState.ts";

const GLUE_TYPES = {
    parking: "PARKING",
    "dynadot-dns": "DNS",
    "name-servers": "NAME_SERVERS",
} as const;

function record(r: HostedRecord) {
    return {
        record_type: r.type,
        record_value1: r.value,
        ...(r.value2 === undefined ? {} : { record_value2: r.value2 }),
    };
}

/** `glue_info` of the RESTful API; lists are absent when empty, and the TTL is text. */
export function glueInfo(domain: DomainState): Record<string, unknown> {
    const glue_type = GLUE_TYPES[domain.mode];
    if (domain.mode !== "dynadot-dns")
        return {
            glue_type,
            ...(domain.nameServers.length === 0 ? {} : { nameserver_list: domain.nameServers }),
        };
    const { main, sub, ttl } = domain.hosted;
    return {
        glue_type,
        ttl: String(ttl),
        ...(main.length === 0 ? {} : { dns_main_list: main.map(record) }),
        ...(sub.length === 0
            ? {}
            : { dns_sub_list: sub.map((r) => ({ sub_host: r.subhost, ...record(r) })) }),
    };
}

/** A domain of the RESTful API. */
export function domainData(domain: DomainState): Record<string, unknown> {
    return {
        domain_info: {
            domain_name: domain.name,
            expiration: domain.expiration,
            registration: domain.registration,
            status: "active",
        },
        glue_info: glueInfo(domain),
        locked: "no",
    };
}

/** A host object of the RESTful API. */
export function hostData(host: NameServerHost): Record<string, unknown> {
    return { server_id: host.id, server_name: host.name, ip_list: host.addresses };
}

/** DS records of the RESTful API; algorithm and digest type are numbers as text. */
export function dnssecData(domain: DomainState): Record<string, unknown> {
    return {
        dnssec_info_list: domain.ds.map((d) => ({
            key_tag: d.keyTag,
            algorithm: String(d.algorithm),
            digest_type: String(d.digestType),
            digest: d.digest,
        })),
    };
}
