import { z } from "zod";

export const hostSchema = z.object({
    server_name: z.string(),
    ip_list: z.array(z.string()).default([]),
});
export const nameServersSchema = z.object({ nameserver_list: z.array(z.string()).default([]) });
const text = z.union([z.string(), z.number()]).transform(String);
export const dnssecSchema = z.object({
    dnssec_info_list: z
        .array(z.object({ key_tag: text, algorithm: text, digest_type: text, digest: z.string() }))
        .default([]),
});
const hostedRecordSchema = z.object({
    sub_host: z.string().optional(),
    record_type: z.string(),
    record_value1: z.string(),
    record_value2: z.string().optional(),
});
export const glueSchema = z.object({
    glue_info: z.object({
        glue_type: z.string(),
        ttl: text.optional(),
        dns_main_list: z.array(hostedRecordSchema).default([]),
        dns_sub_list: z.array(hostedRecordSchema).default([]),
    }),
});

/** A record of a domain on Dynadot's own DNS, with the fields as the API has them. */
export type HostedRecord = z.output<typeof hostedRecordSchema>;

/** What answers for a domain: `DNS` (Dynadot's own), `NAME_SERVERS`, `PARKING` and others. */
export interface HostedDns {
    readonly mode: string;
    readonly main: readonly HostedRecord[];
    readonly sub: readonly HostedRecord[];
    /** Seconds, as the API says it: the one TTL of all records. */
    readonly ttl?: string | undefined;
}

/** Names of DNSSEC algorithms and digest types in the RESTful API, by their numbers (RFC 8624). */
export const ALGORITHMS: Readonly<Record<string, string>> = {
    5: "rsa_sha1",
    8: "rsa_sha256",
    10: "rsa_sha512",
    13: "ecdsa_p256_sha256",
    14: "ecdsa_p384_sha384",
    15: "ed25519",
    16: "ed448",
};
export const DIGEST_TYPES: Readonly<Record<string, string>> = {
    1: "sha1",
    2: "sha256",
    3: "gost",
    4: "sha384",
};

/** The name of a number. Throws a RangeError where Dynadot has none. */
export function named(names: Readonly<Record<string, string>>, number = "", what: string): string {
    const name = names[number];
    if (name === undefined) throw new RangeError(`Dynadot knows no DNSSEC ${what} ${number}`);
    return name;
}

/** Name of the list of sub records in writes. */
export type SubRecordList = "dns_sub_list" | "sub_list";

/** What is learnt of the API while it is used. */
export interface DynadotDialect {
    subRecordList: SubRecordList;
}
