/** Objects of PowerDNS' HTTP API, as far as we read and write them (https://doc.powerdns.com/authoritative/http-api/). */

export interface PowerDnsRecord {
    readonly content: string;
    readonly disabled?: boolean;
}

export interface PowerDnsComment {
    readonly content: string;
    readonly account: string;
    readonly modified_at?: number;
}

export interface PowerDnsRecordSet {
    readonly name: string;
    readonly type: string;
    readonly ttl: number;
    readonly records: readonly PowerDnsRecord[];
    readonly comments?: readonly PowerDnsComment[];
}

/** One entry of a PATCH. A replacement without records deletes; comments given replace all comments. */
export interface PowerDnsChange {
    readonly name: string;
    readonly type: string;
    readonly changetype: "REPLACE" | "DELETE";
    readonly ttl?: number;
    readonly records?: readonly PowerDnsRecord[];
    readonly comments?: readonly PowerDnsComment[];
}

export interface PowerDnsZone {
    readonly name: string;
    /** `Native`, `Master` or `Slave`, whatever word it was created with. */
    readonly kind: string;
    readonly account?: string;
    readonly dnssec: boolean;
    readonly nsec3param?: string;
    readonly soa_edit_api?: string;
    readonly api_rectify?: boolean;
    readonly serial: number;
    readonly rrsets: readonly PowerDnsRecordSet[];
}

/** Settings that a zone is created with or that a PUT changes. */
export interface PowerDnsZoneSettings {
    readonly kind?: string;
    readonly account?: string;
    readonly dnssec?: boolean;
    readonly nsec3param?: string;
    readonly soa_edit_api?: string;
    readonly api_rectify?: boolean;
}

/** A signing key without its private part. */
export interface PowerDnsKey {
    readonly id: number;
    readonly keytype: string;
    readonly active: boolean;
    readonly published?: boolean;
    readonly flags: number;
    readonly bits?: number;
    readonly dnskey: string;
    readonly ds?: readonly string[];
}

/** A key that signs transactions (RFC 8945). */
export interface PowerDnsTsigKey {
    /** Without trailing dot, as the API gives it. */
    readonly name: string;
    /** For example `hmac-sha256`. */
    readonly algorithm: string;
    /** The secret, base64. */
    readonly key: string;
}
